package io.simclrbeam.model.image;

/**
 * The frame of a JPEG (ITU-T T.81, annex B).
 *
 * @param width in pixels
 * @param height in pixels
 * @param colors number of samples of a pixel
 * @param adobe whether there is a segment of Adobe's programs
 * @param process number of the coding process, from 0 to 15
 * @param scan index of the first scan's marker
 */
record JpegFrame(int width, int height, int colors, boolean adobe, int process, int scan) {
  private static final int APP14 = 0xEE;
  private static final int END_OF_IMAGE = 0xD9;
  private static final int JPEG_LS = 0xF7;

  /** A block of 64 pixels takes a bit at least, and no color is shared by more than four blocks. */
  private static final int BITS_TO_PIXELS = 64 * 4;

  /** A progressive picture's coefficients, of 2 bytes, are all in memory until its last scan. */
  private static final long MAX_COEFFICIENTS = 1L << 29;

  /**
   * Walks the segments up to the first scan.
   *
   * @throws RejectedImageException TRUNCATED, or UNSUPPORTED_FORMAT for lossless and hierarchical
   *     coding and for more than 8 bits
   */
  static JpegFrame of(HeaderBytes bytes) throws RejectedImageException {
    int width = 0;
    int height = 0;
    int colors = 0;
    boolean adobe = false;
    int process = 0;
    JpegSegments segments = new JpegSegments(bytes);
    while (segments.next()) {
      if (segments.marker() == JPEG_LS) {
        throw bytes.unsupported("its coding is JPEG-LS");
      }
      if (startsFrame(segments.marker())) {
        int at = segments.start();
        checkReadable(segments.marker(), bytes.uint8(at), bytes);
        process = segments.marker() - 0xC0;
        height = bytes.uint16Big(at + 1);
        width = bytes.uint16Big(at + 3);
        colors = bytes.uint8(at + 5);
      }
      adobe |= isAdobe(segments, bytes);
    }
    return new JpegFrame(width, height, colors, adobe, process, segments.start() - 4);
  }

  /**
   * Checks that decoding does not take more memory than it may.
   *
   * @throws RejectedImageException TOO_LARGE if it does
   */
  void checkMemory() throws RejectedImageException {
    long coefficients = (long) width * height * colors;
    if ((process == 2 || process == 10) && coefficients > MAX_COEFFICIENTS) {
      throw new RejectedImageException(
          RejectReason.TOO_LARGE,
          "%d x %d pixels of %d colors are too many for a progressive JPEG, whose %,d MB of"
                  .formatted(width, height, colors, coefficients >> 19)
              + " coefficients must all be in memory; save it as a baseline JPEG");
    }
  }

  /**
   * Returns by how much the picture must be reduced to have {@link ImageDecoder#MAX_PIXELS} at
   * most: 1, 2, 4 or 8, which is the most that libjpeg can.
   */
  int reduction() {
    int reduction = 1;
    while (reduction < 8
        && (long) reduced(width, reduction) * reduced(height, reduction)
            > ImageDecoder.MAX_PIXELS) {
      reduction *= 2;
    }
    return reduction;
  }

  private static int reduced(int size, int reduction) {
    return (size + reduction - 1) / reduction;
  }

  /** Returns whether a segment is that of Adobe's programs, as libjpeg takes it. */
  static boolean isAdobe(JpegSegments segment, HeaderBytes bytes) {
    return segment.marker() == APP14
        && segment.length() >= 12
        && bytes.has(segment.start(), "Adobe");
  }

  /**
   * Checks that the end marker is there, and bytes enough for the pixels. Nothing within a scan can
   * look like the end marker. Arithmetic coding takes any number of bytes.
   *
   * @throws RejectedImageException TRUNCATED if it does not
   */
  void checkEnd(HeaderBytes bytes) throws RejectedImageException {
    if (process < 9 && (long) width * height / BITS_TO_PIXELS > 8L * bytes.length()) {
      throw bytes.truncated("it says that it has %d x %d pixels".formatted(width, height));
    }
    for (int at = bytes.length() - 2; at > scan; at--) {
      if (bytes.uint8(at) == 0xFF && bytes.uint8(at + 1) == END_OF_IMAGE) {
        return;
      }
    }
    throw bytes.truncated("its end marker is missing");
  }

  /** Returns whether a marker is one of a frame, SOF0 to SOF15, which has sizes. */
  static boolean startsFrame(int marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
  }

  /**
   * 0 to 2 are baseline, extended and progressive; 9 and 10 are the latter two with arithmetic
   * coding.
   */
  private static void checkReadable(int marker, int bits, HeaderBytes bytes)
      throws RejectedImageException {
    int process = marker - 0xC0;
    if (process > 2 && process != 9 && process != 10) {
      throw bytes.unsupported("its coding is lossless or hierarchical");
    }
    if (bits != 8) {
      throw bytes.unsupported("it has %d bits per color, not 8".formatted(bits));
    }
  }
}
