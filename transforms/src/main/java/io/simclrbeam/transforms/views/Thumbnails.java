package io.simclrbeam.transforms.views;

import io.simclrbeam.model.augment.MiddleSquare;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.NamedImages;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Small pictures of images of a data set, side by side on square sheets. They are read again from
 * where they were when they were embedded, and turned upright. The middle square of each is drawn.
 *
 * @param side of a picture in pixels
 * @param columns and rows of a sheet
 * @param sheets with a picture for each image, in order; the last sheet may be cut short. The
 *     picture of an image that could not be read is gray
 * @param missing number of these images
 */
public record Thumbnails(int side, int columns, List<RgbImage> sheets, int missing) {
  private static final int COLUMNS = 64;
  private static final byte GRAY = (byte) 0xB0;

  /**
   * Draws pictures, several sheets at a time.
   *
   * @param side of a picture in pixels
   * @param progress takes the number of pictures drawn, from any thread
   */
  public static Thumbnails of(List<NamedImages.Name> images, int side, IntConsumer progress) {
    int perSheet = COLUMNS * COLUMNS;
    AtomicInteger drawn = new AtomicInteger();
    AtomicInteger missing = new AtomicInteger();
    List<RgbImage> sheets =
        IntStream.range(0, (images.size() + perSheet - 1) / perSheet)
            .parallel()
            .mapToObj(
                sheet -> {
                  int from = sheet * perSheet;
                  List<NamedImages.Name> names =
                      images.subList(from, Math.min(from + perSheet, images.size()));
                  Map<NamedImages.Name, ImageRef> found = NamedImages.find(names);
                  return sheet(
                      names.stream().map(found::get).toList(),
                      side,
                      isDrawn -> {
                        if (!isDrawn) {
                          missing.incrementAndGet();
                        }
                        progress.accept(drawn.incrementAndGet());
                      });
                })
            .toList();
    return new Thumbnails(side, COLUMNS, sheets, missing.get());
  }

  /** Returns the picture of an image. */
  public RgbImage picture(int image) {
    RgbImage sheet = sheets.get(image / (columns * columns));
    int left = image % columns * side;
    int top = image / columns % columns * side;
    byte[] pixels = new byte[3 * side * side];
    for (int y = 0; y < side; y++) {
      System.arraycopy(
          sheet.pixels(), 3 * ((top + y) * sheet.width() + left), pixels, 3 * side * y, 3 * side);
    }
    return new RgbImage(side, side, pixels);
  }

  @FunctionalInterface
  private interface Done {
    void accept(boolean isDrawn);
  }

  private static RgbImage sheet(List<@Nullable ImageRef> images, int side, Done done) {
    int width = COLUMNS * side;
    int height = (images.size() + COLUMNS - 1) / COLUMNS * side;
    byte[] pixels = new byte[3 * width * height];
    Arrays.fill(pixels, GRAY);
    ImageDecoder decoder = new ImageDecoder(ExifOrientation.APPLY);
    List<ImageRef> there = new ArrayList<>(images);
    there.removeIf(Objects::isNull);
    MiddleSquare square = new MiddleSquare(side);
    try (ImageReader reader = ImageReader.outsideJobs(there)) {
      for (int i = 0; i < images.size(); i++) {
        boolean isDrawn = false;
        if (images.get(i) != null) {
          try {
            square.draw(
                decoder.decode(reader.next()),
                pixels,
                width,
                i % COLUMNS * side,
                i / COLUMNS * side);
            isDrawn = true;
          } catch (RejectedImageException e) {
            // It stays gray, and is counted.
          }
        }
        done.accept(isDrawn);
      }
    }
    return new RgbImage(width, height, pixels);
  }
}
