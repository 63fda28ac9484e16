package io.simclrbeam.model.augment;

import io.simclrbeam.model.image.Png;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.random.RandomStreams;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * A picture of what a network sees in training. Each row has an image as it is, then pairs of its
 * views.
 */
public final class ContactSheet {
  /** Views smaller than this are drawn larger, each pixel as a square. */
  private static final int MIN_CELL = 96;

  private static final int GAP = 4;
  private static final int WIDE_GAP = 16;

  private final AugmentSettings settings;
  private final long seed;
  private final int pairs;
  private final int cell;
  private final List<RgbImage> images = new ArrayList<>();

  /**
   * Starts an empty sheet.
   *
   * @param seed of the views
   * @param pairs of views of each image
   */
  public ContactSheet(AugmentSettings settings, long seed, int pairs) {
    this.settings = settings;
    this.seed = seed;
    this.pairs = pairs;
    int size = settings.size();
    cell = size * Math.max(1, (MIN_CELL + size - 1) / size);
  }

  /** Adds a row, with a copy of the image. */
  public void add(RgbImage image) {
    images.add(image.copy());
  }

  /** Returns the number of rows. */
  public int rows() {
    return images.size();
  }

  /** Draws the rows as a PNG file; pair p of row r has the views of image r in epoch p. */
  public byte[] toPng() {
    int width = left(pairs, 0) - WIDE_GAP + GAP;
    int height = images.size() * (cell + GAP) + GAP;
    BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    try {
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, width, height);
      for (int row = 0; row < images.size(); row++) {
        int top = GAP + row * (cell + GAP);
        drawOriginal(graphics, images.get(row), top);
        for (int pair = 0; pair < pairs; pair++) {
          for (int view = 0; view < 2; view++) {
            drawView(graphics, row, pair, view, top);
          }
        }
      }
    } finally {
      graphics.dispose();
    }
    return Png.encode(sheet);
  }

  private int left(int pair, int view) {
    return GAP + cell + WIDE_GAP + pair * (2 * cell + GAP + WIDE_GAP) + view * (cell + GAP);
  }

  private void drawOriginal(Graphics2D graphics, RgbImage image, int top) {
    double scale = (double) cell / Math.max(image.width(), image.height());
    int width = Math.max(1, (int) Math.round(image.width() * scale));
    int height = Math.max(1, (int) Math.round(image.height() * scale));
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION,
        scale < 1
            ? RenderingHints.VALUE_INTERPOLATION_BILINEAR
            : RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
    graphics.drawImage(
        Png.toBuffered(image),
        GAP + (cell - width) / 2,
        top + (cell - height) / 2,
        width,
        height,
        null);
  }

  private void drawView(Graphics2D graphics, int row, int pair, int view, int top) {
    int size = settings.size();
    byte[] pixels = new byte[settings.viewBytes()];
    new ViewAugmenter(settings)
        .augment(images.get(row), RandomStreams.of(seed), row, pair, view, pixels, 0);
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
    graphics.drawImage(
        Png.toBuffered(new RgbImage(size, size, pixels)), left(pair, view), top, cell, cell, null);
  }
}
