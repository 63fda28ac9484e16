package io.simclrbeam.model.image;

import java.util.HexFormat;

/**
 * What the first bytes of a picture say about it. Reads no pixels and allocates nothing that
 * depends on what they claim.
 *
 * @param format of the file
 * @param width in pixels, at least 1
 * @param height in pixels, at least 1
 */
public record ImageHeader(ImageFormat format, int width, int height) {

  /**
   * Reads the header of a picture.
   *
   * @param encoded the whole file
   * @throws RejectedImageException EMPTY, NOT_AN_IMAGE, UNSUPPORTED_FORMAT or TRUNCATED
   */
  public static ImageHeader of(byte[] encoded) throws RejectedImageException {
    if (encoded.length == 0) {
      throw new RejectedImageException(RejectReason.EMPTY, "there are no bytes");
    }
    ImageFormat format = ImageFormat.of(encoded).orElse(null);
    if (format == null) {
      throw new RejectedImageException(
          RejectReason.NOT_AN_IMAGE,
          "no image format starts with the bytes "
              + HexFormat.ofDelimiter(" ").formatHex(encoded, 0, Math.min(8, encoded.length)));
    }
    HeaderBytes bytes = new HeaderBytes(format, encoded);
    ImageHeader header =
        switch (format) {
          case JPEG -> jpeg(bytes);
          case PNG -> new ImageHeader(format, bytes.int32Big(16), bytes.int32Big(20));
          case WEBP -> webp(bytes);
          case TIFF -> tiff(bytes);
          case GIF -> gif(bytes);
          case BMP -> bmp(bytes);
          case HEIC, AVIF, JPEG_2000, JPEG_XL, PHOTOSHOP, CAMERA_RAW -> throw format.unread("");
        };
    if (header.width <= 0 || header.height <= 0) {
      throw bytes.truncated(
          "its header says %d x %d pixels".formatted(header.width, header.height));
    }
    return header;
  }

  private static ImageHeader jpeg(HeaderBytes bytes) throws RejectedImageException {
    JpegFrame frame = JpegFrame.of(bytes);
    return new ImageHeader(ImageFormat.JPEG, frame.width(), frame.height());
  }

  private static ImageHeader webp(HeaderBytes bytes) throws RejectedImageException {
    int coding = bytes.uint8(15);
    if (coding == 'X') {
      return new ImageHeader(
          ImageFormat.WEBP,
          (bytes.int32Little(24) & 0xFFFFFF) + 1,
          (bytes.int32Little(26) >>> 8) + 1);
    }
    if (coding == 'L') {
      int sizes = bytes.int32Little(21);
      return new ImageHeader(ImageFormat.WEBP, (sizes & 0x3FFF) + 1, ((sizes >>> 14) & 0x3FFF) + 1);
    }
    return new ImageHeader(
        ImageFormat.WEBP, bytes.uint16Little(26) & 0x3FFF, bytes.uint16Little(28) & 0x3FFF);
  }

  private static ImageHeader tiff(HeaderBytes bytes) throws RejectedImageException {
    TiffDirectory directory = new TiffDirectory(bytes);
    return new ImageHeader(ImageFormat.TIFF, directory.width(), directory.height());
  }

  private static ImageHeader gif(HeaderBytes bytes) throws RejectedImageException {
    GifFrame frame = GifFrame.first(bytes);
    if (frame.width() == 0 || frame.height() == 0) {
      throw bytes.truncated(
          "its frame has %d x %d pixels".formatted(frame.width(), frame.height()));
    }
    return new ImageHeader(ImageFormat.GIF, frame.canvasWidth(), frame.canvasHeight());
  }

  private static ImageHeader bmp(HeaderBytes bytes) throws RejectedImageException {
    BmpHeader header = BmpHeader.of(bytes);
    return new ImageHeader(ImageFormat.BMP, header.width(), (int) header.height());
  }
}
