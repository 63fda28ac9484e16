package io.simclrbeam.model.image;

/** An array for the pixels of one picture after the other. Not thread-safe. */
final class PixelBuffer {
  /** The largest array that is kept, for 22 million pixels. */
  static final int LARGEST_KEPT = 1 << 26;

  private byte[] kept = new byte[0];

  /**
   * Returns an array for a picture of up to {@link ImageDecoder#MAX_PIXELS}, with room for at least
   * one byte more, so that every pixel can be written as four bytes. It may be the array of an
   * earlier call and hold anything.
   */
  byte[] forSize(int width, int height) {
    int length = 3 * width * height + 1;
    if (kept.length >= length) {
      return kept;
    }
    byte[] pixels = new byte[length];
    if (length <= LARGEST_KEPT) {
      kept = pixels;
    }
    return pixels;
  }
}
