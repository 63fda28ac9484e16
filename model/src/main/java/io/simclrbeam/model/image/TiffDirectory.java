package io.simclrbeam.model.image;

import java.nio.ByteBuffer;

/** The first directory of a TIFF (TIFF 6.0, section 2): what describes its first page. */
final class TiffDirectory {
  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int STRIP_OFFSETS = 273;
  private static final int STRIP_BYTE_COUNTS = 279;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_BYTE_COUNTS = 325;
  private static final int EXTRA_SAMPLES = 338;
  private static final int SHORT = 3;
  private static final byte ASSOCIATED_ALPHA = 1;
  private static final int UNASSOCIATED_ALPHA = 2;

  private final HeaderBytes bytes;
  private final boolean little;
  private final int start;
  private final int entries;

  /**
   * Finds it.
   *
   * @throws RejectedImageException TRUNCATED, or UNSUPPORTED_FORMAT for BigTIFF
   */
  TiffDirectory(HeaderBytes bytes) throws RejectedImageException {
    this.bytes = bytes;
    little = bytes.uint8(0) == 'I';
    if (uint16(2) != 42) {
      throw bytes.unsupported("it is a BigTIFF");
    }
    start = int32(4);
    entries = uint16(start);
  }

  int width() throws RejectedImageException {
    return value(WIDTH, 0);
  }

  int height() throws RejectedImageException {
    return value(HEIGHT, 0);
  }

  /**
   * Checks that the bytes of every strip or tile are there.
   *
   * @throws RejectedImageException TRUNCATED if they are not
   */
  void checkEnd() throws RejectedImageException {
    boolean tiled = entry(TILE_OFFSETS) >= 0;
    int offsets = tiled ? TILE_OFFSETS : STRIP_OFFSETS;
    int counts = tiled ? TILE_BYTE_COUNTS : STRIP_BYTE_COUNTS;
    int parts = count(offsets);
    if (parts < 1 || count(counts) != parts) {
      throw bytes.truncated("it does not say where its pixels are");
    }
    for (int i = 0; i < parts; i++) {
      long end =
          Integer.toUnsignedLong(value(offsets, i)) + Integer.toUnsignedLong(value(counts, i));
      if (end > bytes.length()) {
        throw bytes.truncated("its pixels go on to byte " + end);
      }
    }
  }

  /**
   * Makes the file say that its colours are multiplied by alpha already if it says they are not:
   * libtiff would multiply them, but alpha is to be ignored.
   */
  void ignoreAlpha(ByteBuffer file) throws RejectedImageException {
    if (count(EXTRA_SAMPLES) == 1 && value(EXTRA_SAMPLES, 0) == UNASSOCIATED_ALPHA) {
      file.put(entry(EXTRA_SAMPLES) + (little ? 8 : 9), ASSOCIATED_ALPHA);
    }
  }

  /** Where the entry of a tag is, or -1. */
  private int entry(int tag) throws RejectedImageException {
    for (int i = 0; i < entries; i++) {
      int at = start + 2 + 12 * i;
      if (uint16(at) == tag) {
        return at;
      }
    }
    return -1;
  }

  private int count(int tag) throws RejectedImageException {
    int at = entry(tag);
    return at < 0 ? 0 : int32(at + 4);
  }

  /** One of a tag's values, which lie in the entry itself if four bytes hold them all. */
  private int value(int tag, int index) throws RejectedImageException {
    int at = entry(tag);
    if (at < 0) {
      return 0;
    }
    int size = uint16(at + 2) == SHORT ? 2 : 4;
    int values = (long) size * int32(at + 4) <= 4 ? at + 8 : int32(at + 8);
    return size == 2 ? uint16(values + 2 * index) : int32(values + 4 * index);
  }

  private int uint16(int at) throws RejectedImageException {
    return little ? bytes.uint16Little(at) : bytes.uint16Big(at);
  }

  private int int32(int at) throws RejectedImageException {
    return little ? bytes.int32Little(at) : bytes.int32Big(at);
  }
}
