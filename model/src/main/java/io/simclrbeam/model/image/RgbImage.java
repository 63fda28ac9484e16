package io.simclrbeam.model.image;

/**
 * A picture as uint8 RGB {@code [height, width, 3]}, row-major, in sRGB as decoded.
 *
 * @param width in pixels
 * @param height in pixels
 * @param pixels {@code height * width * 3} bytes; not copied, so not to be changed by the receiver
 */
public record RgbImage(int width, int height, byte[] pixels) {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if the array does not fit the size
   */
  public RgbImage {
    if (width <= 0 || height <= 0 || (long) width * height * 3 != pixels.length) {
      throw new IllegalArgumentException(
          "a picture of %d x %d does not fit %d bytes".formatted(width, height, pixels.length));
    }
  }
}
