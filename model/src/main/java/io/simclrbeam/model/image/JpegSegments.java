package io.simclrbeam.model.image;

/**
 * The segments of a JPEG before its first scan (ITU-T T.81, annex B), one after the other. Bytes
 * between them that belong to none are passed over, as libjpeg does: some cameras write such.
 */
final class JpegSegments {
  private static final int START_OF_SCAN = 0xDA;
  private static final int END_OF_IMAGE = 0xD9;

  private final HeaderBytes bytes;
  private int next = 2;
  private int marker;
  private int start;
  private int length;

  JpegSegments(HeaderBytes bytes) {
    this.bytes = bytes;
  }

  /**
   * Goes to the next segment; returns false if it is the first scan.
   *
   * @throws RejectedImageException TRUNCATED if there is none, or not wholly
   */
  boolean next() throws RejectedImageException {
    // A marker may have any number of fill bytes before it; before a zero, 0xFF is no marker.
    while (bytes.uint8(next) != 0xFF || standsAlone(bytes.uint8(next + 1))) {
      next++;
    }
    marker = bytes.uint8(next + 1);
    if (marker == END_OF_IMAGE) {
      throw bytes.truncated("it ends before its first scan");
    }
    start = next + 4;
    length = bytes.uint16Big(next + 2) - 2;
    if (length < 0 || length > bytes.length() - start) {
      throw bytes.truncated("a segment of %,d bytes".formatted(length));
    }
    next = start + length;
    return marker != START_OF_SCAN;
  }

  /** Returns whether no segment starts with 0xFF and this byte. */
  private static boolean standsAlone(int second) {
    return second == 0xFF || second <= 1 || (second >= 0xD0 && second <= 0xD7);
  }

  /** Returns the second byte of the segment's marker. */
  int marker() {
    return marker;
  }

  /** Returns where the segment's data starts, four bytes after its marker. */
  int start() {
    return start;
  }

  /** Returns the length of the segment's data in bytes. */
  int length() {
    return length;
  }
}
