package io.simclrbeam.model.image;

/**
 * The first frame of a GIF (GIF89a specification, sections 18 to 24).
 *
 * @param canvasWidth in pixels, as wide as the frame at least, as PIL has it
 * @param canvasHeight in pixels, likewise
 * @param left column of the canvas where the frame starts
 * @param top row of the canvas where the frame starts
 * @param width of the frame in pixels
 * @param height of the frame in pixels
 * @param interlaced whether its rows are in the order of interlacing
 * @param palette index of the palette that it uses
 * @param colors number of the palette's colors; 0 if there is none
 * @param transparent the value that is transparent, or -1
 * @param data index of the length of the first codes, which the coded pixels follow
 */
record GifFrame(
    int canvasWidth,
    int canvasHeight,
    int left,
    int top,
    int width,
    int height,
    boolean interlaced,
    int palette,
    int colors,
    int transparent,
    int data) {
  private static final int EXTENSION = 0x21;
  private static final int GRAPHIC_CONTROL = 0xF9;
  private static final int IMAGE = 0x2C;

  /**
   * Finds it.
   *
   * @throws RejectedImageException TRUNCATED if the bytes end before its pixels start
   */
  static GifFrame first(HeaderBytes bytes) throws RejectedImageException {
    int transparent = -1;
    int at = 13 + 3 * colors(bytes.uint8(10));
    while (bytes.uint8(at) == EXTENSION) {
      if (bytes.uint8(at + 1) == GRAPHIC_CONTROL) {
        transparent = (bytes.uint8(at + 3) & 1) == 0 ? -1 : bytes.uint8(at + 6);
      }
      at = skipBlocks(bytes, at + 2);
    }
    if (bytes.uint8(at) != IMAGE) {
      throw bytes.truncated("no frame at byte " + at);
    }
    int left = bytes.uint16Little(at + 1);
    int top = bytes.uint16Little(at + 3);
    int width = bytes.uint16Little(at + 5);
    int height = bytes.uint16Little(at + 7);
    int flags = bytes.uint8(at + 9);
    int own = colors(flags);
    return new GifFrame(
        Math.max(bytes.uint16Little(6), left + width),
        Math.max(bytes.uint16Little(8), top + height),
        left,
        top,
        width,
        height,
        (flags & 0x40) != 0,
        own > 0 ? at + 10 : 13,
        own > 0 ? own : colors(bytes.uint8(10)),
        transparent,
        at + 10 + 3 * own);
  }

  private static int colors(int flags) {
    return (flags & 0x80) == 0 ? 0 : 1 << ((flags & 7) + 1);
  }

  private static int skipBlocks(HeaderBytes bytes, int from) throws RejectedImageException {
    int at = from;
    while (bytes.uint8(at) != 0) {
      at += 1 + bytes.uint8(at);
    }
    return at + 1;
  }
}
