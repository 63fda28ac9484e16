package io.simclrbeam.model.image;

/**
 * The chunks of a PNG (PNG specification, section 5.3) or a WebP (RFC 9649, section 2.3), one after
 * the other.
 */
final class Chunks {
  private final HeaderBytes bytes;
  private final boolean png;
  private final int end;
  private int next;
  private boolean hasPixels;
  private int start;
  private int length;

  private Chunks(HeaderBytes bytes, boolean png, int first, int end) {
    this.bytes = bytes;
    this.png = png;
    this.end = end;
    next = first;
  }

  /**
   * Goes before the first chunk.
   *
   * @throws RejectedImageException TRUNCATED if a WebP says that it is longer than it is
   */
  static Chunks of(HeaderBytes bytes) throws RejectedImageException {
    if (bytes.format() == ImageFormat.PNG) {
      return new Chunks(bytes, true, 8, bytes.length());
    }
    long end = 8 + Integer.toUnsignedLong(bytes.int32Little(4));
    if (end > bytes.length()) {
      throw bytes.truncated("it says that it has %,d bytes".formatted(end));
    }
    return new Chunks(bytes, false, 12, (int) end);
  }

  /**
   * Goes to the next chunk; returns false after a PNG's end chunk and where a WebP says it ends.
   * What should follow the pixels of a PNG need not be there.
   *
   * @throws RejectedImageException TRUNCATED if the chunk is not wholly there
   */
  boolean next() throws RejectedImageException {
    if (png ? start > 0 && is("IEND") : next > end - 8) {
      return false;
    }
    if (hasPixels && next > end - 8) {
      return false;
    }
    int nextLength = png ? bytes.int32Big(next) : bytes.int32Little(next + 4);
    int after = png ? 4 : 0; // a PNG's check sum
    if (nextLength < 0 || nextLength > end - after - (next + 8)) {
      if (hasPixels && !bytes.has(next + 4, "IDAT")) {
        return false;
      }
      throw bytes.truncated("a chunk of %,d bytes".formatted(Integer.toUnsignedLong(nextLength)));
    }
    length = nextLength;
    start = next + 8;
    next = start + length + (png ? after : length & 1);
    hasPixels |= png && is("IDAT");
    return true;
  }

  /**
   * Goes to the end.
   *
   * @throws RejectedImageException TRUNCATED if a chunk is not wholly there
   */
  void checkAll() throws RejectedImageException {
    boolean more = true;
    while (more) {
      more = next();
    }
  }

  /** Returns the chunks of a part of these bytes, such as a chunk that holds others. */
  static Chunks within(HeaderBytes bytes, int first, int end) {
    return new Chunks(bytes, false, first, end);
  }

  /** Returns whether this chunk has a name, of four letters. */
  boolean is(String name) {
    return bytes.has(start - (png ? 4 : 8), name);
  }

  /** Returns where the chunk's data starts. */
  int start() {
    return start;
  }

  /** Returns the length of the chunk's data in bytes. */
  int length() {
    return length;
  }
}
