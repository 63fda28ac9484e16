package io.simclrbeam.model.image;

/**
 * How a stored picture must be turned to stand upright, by the number of the TIFF and EXIF tag
 * Orientation (TIFF 6.0, section 8): 1 is upright; 2 to 4 are mirrored left to right, turned by
 * 180°, mirrored top to bottom; 5 to 8 are the same with rows and columns exchanged first, so that
 * 6 must be turned by 90° clockwise and 8 by 90° counterclockwise.
 */
final class Orientation {
  static final int UPRIGHT = 1;

  private Orientation() {}

  /**
   * Turns a picture upright.
   *
   * @param orientation 1 to 8; any other number leaves the picture as it is
   * @param buffer where the pixels of the result will be, unless it is the picture itself
   */
  static RgbImage turn(RgbImage stored, int orientation, PixelBuffer buffer) {
    if (orientation <= UPRIGHT || orientation > 8) {
      return stored;
    }
    boolean exchanged = orientation >= 5;
    boolean fromRight = orientation == 2 || orientation == 3 || orientation >= 7;
    boolean fromBottom =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    int width = exchanged ? stored.height() : stored.width();
    int height = exchanged ? stored.width() : stored.height();
    int alongRow = 3 * (fromRight ? -1 : 1);
    int alongColumn = 3 * stored.width() * (fromBottom ? -1 : 1);
    int start =
        3
            * ((fromRight ? stored.width() - 1 : 0)
                + (fromBottom ? stored.width() * (stored.height() - 1) : 0));
    int stepRight = exchanged ? alongColumn : alongRow;
    int stepDown = exchanged ? alongRow : alongColumn;
    byte[] from = stored.pixels();
    byte[] to = buffer.forSize(width, height);
    int t = 0;
    for (int y = 0; y < height; y++) {
      int f = start + y * stepDown;
      for (int x = 0; x < width; x++) {
        to[t] = from[f];
        to[t + 1] = from[f + 1];
        to[t + 2] = from[f + 2];
        t += 3;
        f += stepRight;
      }
    }
    return new RgbImage(width, height, to);
  }
}
