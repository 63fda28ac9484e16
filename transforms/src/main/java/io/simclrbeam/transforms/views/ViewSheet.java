package io.simclrbeam.transforms.views;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.augment.ContactSheet;
import io.simclrbeam.model.augment.ViewAugmenter;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.random.RandomStreams;

/** A {@link ContactSheet} whose rows are images and pairs of their views. */
public final class ViewSheet {
  /** Views smaller than this are drawn larger, each pixel as a square. */
  private static final int MIN_CELL = 144;

  private final AugmentSettings settings;
  private final RandomStreams random;
  private final int pairs;
  private final ContactSheet sheet;

  /**
   * Starts an empty sheet.
   *
   * @param settings of the views
   * @param seed of the views
   * @param pairs of views in a row
   */
  public ViewSheet(AugmentSettings settings, long seed, int pairs) {
    this.settings = settings;
    this.pairs = pairs;
    random = RandomStreams.of(seed);
    int size = settings.size();
    sheet = new ContactSheet(size * Math.max(1, (MIN_CELL + size - 1) / size), 2);
    sheet.addHeading("image");
    for (int pair = 1; pair <= pairs; pair++) {
      sheet.addHeading("pair " + pair);
      sheet.addHeading("");
    }
  }

  /** Draws an image and views of it; pair p of row r has the views of image r in epoch p. */
  public void add(String id, RgbImage image) {
    int row = sheet.rows();
    sheet.startRow();
    sheet.add(image, id);
    int size = settings.size();
    ViewAugmenter augmenter = new ViewAugmenter(settings);
    for (int pair = 0; pair < pairs; pair++) {
      for (int view = 0; view < 2; view++) {
        byte[] pixels = new byte[settings.viewBytes()];
        augmenter.augment(image, random, row, pair, view, pixels, 0);
        sheet.add(new RgbImage(size, size, pixels));
      }
    }
  }

  /** Returns the number of images so far. */
  public int rows() {
    return sheet.rows();
  }

  /** Draws the sheet. */
  public RgbImage draw() {
    return sheet.draw();
  }
}
