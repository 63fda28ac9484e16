package io.simclrbeam.model.augment;

import io.simclrbeam.model.image.RgbImage;

/**
 * The largest square in the middle of a picture, resized: a thumbnail. Not thread-safe, as it
 * reuses its scratch: use one per thread.
 */
public final class MiddleSquare {
  private final int side;
  private final Planes planes;
  private final Resampler resampler;

  /**
   * Creates one.
   *
   * @param side of the thumbnail in pixels
   */
  public MiddleSquare(int side) {
    this.side = side;
    planes = new Planes(side, side);
    resampler = new Resampler(side, side, Interpolation.BILINEAR);
  }

  /**
   * Draws the square into a larger picture.
   *
   * @param pixels uint8 RGB {@code [height, width, 3]} of the larger picture
   * @param width of the larger picture in pixels
   * @param left column of the square there
   * @param top row of the square there
   */
  public void draw(RgbImage image, byte[] pixels, int width, int left, int top) {
    int square = Math.min(image.width(), image.height());
    CropBox middle =
        new CropBox((image.width() - square) / 2, (image.height() - square) / 2, square, square);
    resampler.resize(image, middle, false, planes);
    byte[] small = new byte[3 * side * side];
    planes.write(small, 0);
    for (int y = 0; y < side; y++) {
      System.arraycopy(small, 3 * side * y, pixels, 3 * ((top + y) * width + left), 3 * side);
    }
  }
}
