package io.simclrbeam.model.image;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * A JPEG reduced to what its samples depend on. It has no APP and COM segments, so no color
 * profile, no thumbnail and nothing else that a reader could stumble over. Some of those segments
 * say what the samples mean; {@code coding} keeps that.
 *
 * @param file the segments that are left
 * @param coding what the samples mean
 * @param complete whether its scans hold all of every pixel, so that none can have been lost
 */
record PlainJpeg(byte[] file, JpegCoding coding, boolean complete) {
  private static final int APP0 = 0xE0;
  private static final int APP15 = 0xEF;
  private static final int COMMENT = 0xFE;
  private static final int START_OF_SCAN = 0xDA;

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
    return new PlainJpeg(
        file.toByteArray(),
        coding(bytes, frame, jfif, adobeTransform),
        isComplete(bytes, frame, progressive, scan));
  }

  /** Looks at the headers of all scans (ITU-T T.81, section B.2.3). */
  private static boolean isComplete(HeaderBytes bytes, int frame, boolean progressive, int scan)
      throws RejectedImageException {
    int colors = bytes.uint8(frame + 5);
    // The coefficients of each color of which the last bit has come.
    long[] refined = new long[colors];
    for (int at = scan; at < bytes.length() - 1; at++) {
      if (bytes.uint8(at) != 0xFF || bytes.uint8(at + 1) != START_OF_SCAN) {
        continue;
      }
      int colorsOfScan = bytes.uint8(at + 4);
      int end = at + 5 + 2 * colorsOfScan;
      if (end + 2 >= bytes.length() || bytes.uint16Big(at + 2) != 6 + 2 * colorsOfScan) {
        continue;
      }
      int first = progressive ? bytes.uint8(end) & 63 : 0;
      int last = progressive ? bytes.uint8(end + 1) & 63 : 63;
      long coefficients = -1L << first & -1L >>> (63 - last);
      for (int i = 0; i < colorsOfScan; i++) {
        for (int color = 0; color < colors; color++) {
          if (bytes.uint8(at + 5 + 2 * i) == bytes.uint8(frame + 6 + 3 * color)) {
            refined[color] |= progressive && (bytes.uint8(end + 2) & 15) > 0 ? 0 : coefficients;
          }
        }
      }
    }
    return Arrays.stream(refined).allMatch(all -> all == -1);
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
