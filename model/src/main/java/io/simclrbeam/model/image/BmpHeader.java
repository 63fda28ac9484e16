package io.simclrbeam.model.image;

/**
 * The headers of a BMP: those of OS/2 1 (12 bytes) and 2 (16 or 64), and of Windows 3 (40), with
 * masks (52, 56), 4 (108) and 5 (124).
 *
 * @param width in pixels
 * @param height in pixels; at least 2^31 for one that makes no sense
 * @param topDown whether the first row is at the top
 * @param bits per pixel
 * @param coding of the pixels
 * @param palette index of the palette
 * @param colors number of the palette's colors
 * @param bytesPerColor 3 or 4, of the palette
 * @param pixels index of the pixels
 */
record BmpHeader(
    int width,
    long height,
    boolean topDown,
    int bits,
    Coding coding,
    int palette,
    int colors,
    int bytesPerColor,
    int pixels) {
  /** Index of the masks of red, green and blue, in or after a header. */
  static final int MASKS = 54;

  private static final int START = 14;
  private static final int OS2_FIRST = 12;
  private static final int WINDOWS_3 = 40;

  /** How pixels are written. */
  enum Coding {
    /** As they are: a value of the palette, 5 bits of each color, or a byte of each. */
    PLAIN,
    /** As they are, with a mask for each color. */
    FIELDS,
    /** As runs of equal pixels, and parts as they are. */
    RUNS
  }

  /**
   * Reads the headers.
   *
   * @throws RejectedImageException TRUNCATED, or UNSUPPORTED_FORMAT
   */
  static BmpHeader of(HeaderBytes bytes) throws RejectedImageException {
    int size = bytes.int32Little(START);
    if (size == OS2_FIRST) {
      int bits = bytes.uint16Little(24);
      return checked(
          bytes,
          bytes.uint16Little(18),
          bytes.uint16Little(20),
          bits,
          plain(bits, bytes),
          START + size,
          0,
          3);
    }
    if (size < 16 || size > 124) {
      throw bytes.unsupported(
          "a header of %,d bytes; those of 12 to 124 bytes are known"
              .formatted(Integer.toUnsignedLong(size)));
    }
    int bits = bytes.uint16Little(28);
    int compression = size < 34 - START ? 0 : bytes.int32Little(30);
    int colors = size < 50 - START ? 0 : bytes.int32Little(46);
    int masks = size != WINDOWS_3 ? 0 : compression == 3 ? 12 : compression == 6 ? 16 : 0;
    return checked(
        bytes,
        bytes.int32Little(18),
        bytes.int32Little(22),
        bits,
        coding(size, compression, bits, bytes),
        START + size + masks,
        colors,
        4);
  }

  private static BmpHeader checked(
      HeaderBytes bytes,
      int width,
      int height,
      int bits,
      Coding coding,
      int palette,
      int colorsUsed,
      int bytesPerColor)
      throws RejectedImageException {
    int pixels = bytes.int32Little(10);
    int most = bits <= 8 ? 1 << bits : 0;
    int colors = colorsUsed <= 0 ? most : Math.min(colorsUsed, most);
    if (pixels < palette) {
      pixels = palette + colors * bytesPerColor; // some programs leave it out
    }
    return new BmpHeader(
        width,
        Math.abs((long) height),
        height < 0,
        bits,
        coding,
        palette,
        Math.min(colors, (pixels - palette) / bytesPerColor),
        bytesPerColor,
        pixels);
  }

  private static Coding plain(int bits, HeaderBytes bytes) throws RejectedImageException {
    return switch (bits) {
      case 1, 2, 4, 8, 16, 24, 32 -> Coding.PLAIN;
      default -> throw bytes.unsupported("%d bits per pixel".formatted(bits));
    };
  }

  private static Coding coding(int size, int compression, int bits, HeaderBytes bytes)
      throws RejectedImageException {
    // OS/2 and Windows use the same numbers for different things.
    boolean os2 = size < WINDOWS_3 || size == 64;
    if (compression == 0) {
      return plain(bits, bytes);
    }
    if ((compression == 1 && bits == 8)
        || (compression == 2 && bits == 4)
        || (compression == 4 && bits == 24)) {
      return Coding.RUNS;
    }
    if ((compression == 3 || compression == 6) && !os2 && (bits == 16 || bits == 32)) {
      return Coding.FIELDS;
    }
    if (!os2 && (compression == 4 || compression == 5)) {
      throw bytes.unsupported("its pixels are a " + (compression == 4 ? "JPEG" : "PNG"));
    }
    String name =
        switch (compression) {
          case 1 -> "RLE8";
          case 2 -> "RLE4";
          case 3 -> bits == 1 ? "Huffman" : "bit field";
          case 4 -> "RLE24";
          default -> "unknown (" + Integer.toUnsignedLong(compression) + ")";
        };
    throw bytes.unsupported("%s compression of %d bits per pixel".formatted(name, bits));
  }
}
