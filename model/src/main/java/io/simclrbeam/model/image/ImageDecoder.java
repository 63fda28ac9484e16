package io.simclrbeam.model.image;

/**
 * Turns the bytes of a JPEG, PNG, WebP, TIFF, GIF or BMP file into 8-bit RGB, with the Leptonica
 * library. The pixels of a JPEG are those that PIL's {@code convert("RGB")} gives. Gray, CMYK and
 * palettes become RGB; of 16 bits the upper 8 stay; alpha is dropped, whatever it hid; of several
 * frames or pages the first is read, a GIF's without the canvas around it. The EXIF orientation of
 * a JPEG, PNG or WebP is ignored and the orientation tag of a TIFF obeyed, both as in PIL (9.4) and
 * so in torchvision. Not thread-safe, as it reuses its buffers: use one per thread.
 */
public final class ImageDecoder {
  /** A picture of more pixels than this is not decoded: 300 MB as RGB. */
  public static final int MAX_PIXELS = 100_000_000;

  /** The name of a PNG's last chunk, IEND. */
  private static final int PNG_END = 0x49454E44;

  private final LeptonicaReader reader = new LeptonicaReader();
  private final PixelBuffer buffer = new PixelBuffer();

  /**
   * Decodes a picture.
   *
   * @param encoded the whole file
   * @return uint8 RGB {@code [height, width, 3]}, valid until the next call, which may overwrite
   *     its pixels; {@link RgbImage#copy} keeps it
   * @throws RejectedImageException EMPTY; NOT_AN_IMAGE if no known format starts like this;
   *     UNSUPPORTED_FORMAT; TOO_LARGE above {@link #MAX_PIXELS}; TRUNCATED if the data ends early
   *     or is corrupt in any place that the format lets notice
   */
  public RgbImage decode(byte[] encoded) throws RejectedImageException {
    ImageHeader header = ImageHeader.of(encoded);
    checkSize(header.width(), header.height());
    HeaderBytes bytes = new HeaderBytes(header.format(), encoded);
    checkEnd(header.format(), bytes);
    return reader.read(header, bytes, encoded, buffer);
  }

  static void checkSize(int width, int height) throws RejectedImageException {
    if ((long) width * height > MAX_PIXELS) {
      throw new RejectedImageException(
          RejectReason.TOO_LARGE,
          "%d x %d is more than %,d pixels".formatted(width, height, MAX_PIXELS));
    }
  }

  private static void checkEnd(ImageFormat format, HeaderBytes bytes)
      throws RejectedImageException {
    switch (format) {
      case JPEG -> JpegFrame.of(bytes).checkEnd(bytes);
      case PNG -> checkPngEnd(bytes);
      case TIFF -> new TiffDirectory(bytes).checkEnd();
      default -> {} // its frame was walked with the header, or its reader notices
    }
  }

  /** Walks the chunks, as libpng writes to the standard error of what it misses. */
  private static void checkPngEnd(HeaderBytes bytes) throws RejectedImageException {
    int at = 8;
    while (bytes.int32Big(at + 4) != PNG_END) {
      int length = bytes.int32Big(at);
      if (length < 0 || length > bytes.length()) {
        throw bytes.truncated("a chunk of %,d bytes".formatted(Integer.toUnsignedLong(length)));
      }
      at += 12 + length;
    }
    bytes.uint8(at + 11);
  }
}
