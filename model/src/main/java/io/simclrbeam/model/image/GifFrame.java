package io.simclrbeam.model.image;

/**
 * The first frame of a GIF (GIF89a specification, sections 18 to 24).
 *
 * @param width in pixels
 * @param height in pixels
 * @param end index after the frame's last byte
 */
record GifFrame(int width, int height, int end) {
  private static final int EXTENSION = 0x21;
  private static final int IMAGE = 0x2C;

  /**
   * Finds it.
   *
   * @throws RejectedImageException TRUNCATED if the bytes end before the frame does
   */
  static GifFrame first(HeaderBytes bytes) throws RejectedImageException {
    int at = 13 + colorTableLength(bytes.uint8(10));
    while (bytes.uint8(at) == EXTENSION) {
      at = skipBlocks(bytes, at + 2);
    }
    if (bytes.uint8(at) != IMAGE) {
      throw bytes.truncated("no frame at byte " + at);
    }
    int data = at + 10 + colorTableLength(bytes.uint8(at + 9));
    int end = skipBlocks(bytes, data + 1);
    return new GifFrame(bytes.uint16Little(at + 5), bytes.uint16Little(at + 7), end);
  }

  private static int colorTableLength(int flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
  }

  private static int skipBlocks(HeaderBytes bytes, int from) throws RejectedImageException {
    int at = from;
    while (bytes.uint8(at) != 0) {
      at += 1 + bytes.uint8(at);
    }
    return at + 1;
  }
}
