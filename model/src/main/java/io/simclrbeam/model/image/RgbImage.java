package io.simclrbeam.model.image;

import java.util.Arrays;

/**
 * A picture as uint8 RGB {@code [height, width, 3]}, row-major, in sRGB as decoded.
 *
 * @param width in pixels
 * @param height in pixels
 * @param pixels {@code height * width * 3} bytes, and any number of others after them. Not copied,
 *     so the receiver must not change them
 */
public record RgbImage(int width, int height, byte[] pixels) {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if the array is too short for the size
   */
  public RgbImage {
    if (width <= 0 || height <= 0 || (long) width * height * 3 > pixels.length) {
      throw new IllegalArgumentException(
          "a picture of %d x %d does not fit %d bytes".formatted(width, height, pixels.length));
    }
  }

  /** Returns this picture in an array of its own, of exactly its length. */
  public RgbImage copy() {
    return new RgbImage(width, height, Arrays.copyOf(pixels, 3 * width * height));
  }
}
