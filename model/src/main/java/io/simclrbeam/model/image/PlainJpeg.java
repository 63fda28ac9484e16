package io.simclrbeam.model.image;

import java.io.ByteArrayOutputStream;

/**
 * A JPEG reduced to what its samples depend on. It has no APP and COM segments, so no color
 * profile, no thumbnail and nothing else that a reader could stumble over. Some of those segments
 * say what the samples mean; {@code coding} keeps that.
 *
 * @param file the segments that are left
 * @param coding what the samples mean
 * @param oneScan whether all pixels are in the first scan
 */
record PlainJpeg(byte[] file, JpegCoding coding, boolean oneScan) {
  private static final int APP0 = 0xE0;
  private static final int APP15 = 0xEF;
  private static final int COMMENT = 0xFE;

  /**
   * Makes one.
   *
   * @throws RejectedImageException TRUNCATED, or UNSUPPORTED_FORMAT for a number of colors that
   *     means nothing
   */
  static PlainJpeg of(HeaderBytes bytes, byte[] encoded) throws RejectedImageException {
    ByteArrayOutputStream file = new ByteArrayOutputStream(encoded.length);
    file.write(encoded, 0, 2);
    boolean jfif = false;
    int adobeTransform = -1;
    int frame = -1;
    boolean progressive = false;
    JpegSegments segments = new JpegSegments(bytes);
    while (segments.next()) {
      int marker = segments.marker();
      int start = segments.start();
      if (marker == APP0 && segments.length() >= 14 && bytes.has(start, "JFIF\0")) {
        jfif = true;
      } else if (JpegFrame.isAdobe(segments, bytes)) {
        adobeTransform = bytes.uint8(start + 11);
      } else if (JpegFrame.startsFrame(marker)) {
        frame = start;
        progressive = marker == 0xC2 || marker == 0xCA;
      }
      if ((marker < APP0 || marker > APP15) && marker != COMMENT) {
        file.write(encoded, start - 4, 4 + segments.length());
      }
    }
    if (frame < 0) {
      throw bytes.truncated("it has no frame");
    }
    int scan = segments.start() - 4;
    file.write(encoded, scan, encoded.length - scan);
    boolean oneScan = !progressive && bytes.uint8(scan + 4) == bytes.uint8(frame + 5);
    return new PlainJpeg(file.toByteArray(), coding(bytes, frame, jfif, adobeTransform), oneScan);
  }

  /** The rules of libjpeg's {@code default_decompress_parms}. */
  private static JpegCoding coding(HeaderBytes bytes, int frame, boolean jfif, int adobeTransform)
      throws RejectedImageException {
    int colors = bytes.uint8(frame + 5);
    return switch (colors) {
      case 1 -> JpegCoding.GRAY;
      case 3 -> {
        if (jfif) {
          yield JpegCoding.YCC;
        }
        if (adobeTransform >= 0) {
          yield adobeTransform == 0 ? JpegCoding.RGB : JpegCoding.YCC;
        }
        boolean named =
            bytes.uint8(frame + 6) == 'R'
                && bytes.uint8(frame + 9) == 'G'
                && bytes.uint8(frame + 12) == 'B';
        yield named ? JpegCoding.RGB : JpegCoding.YCC;
      }
      case 4 -> adobeTransform > 0 ? JpegCoding.YCCK : JpegCoding.CMYK;
      default -> throw bytes.unsupported("it has %d colors".formatted(colors));
    };
  }
}
