package io.simclrbeam.model.image;

import java.nio.charset.StandardCharsets;

/**
 * The first directory of a TIFF (TIFF 6.0, section 2) or a BigTIFF, which has 64 bits for offsets
 * and counts. It describes the first page. An entry is named by its index in the file; -1 is that
 * of a tag that is not there.
 */
final class TiffDirectory {
  static final int WIDTH = 256;
  static final int HEIGHT = 257;
  private static final int ORIENTATION = 274;
  private static final int TIFF = 42;
  private static final int BIG_TIFF = 43;

  /** The bytes of a value, by the number of its type. */
  private static final int[] SIZES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

  private static final int RATIONAL = 5;
  private static final int FLOAT = 11;
  private static final int DOUBLE = 12;

  private final HeaderBytes bytes;
  private final boolean little;
  private final boolean big;
  private final int first;
  private final int entries;

  /**
   * Finds it.
   *
   * @throws RejectedImageException TRUNCATED
   */
  TiffDirectory(HeaderBytes bytes) throws RejectedImageException {
    this.bytes = bytes;
    little = bytes.uint8(0) == 'I';
    int version = uint16(2);
    if (version != TIFF && version != BIG_TIFF) {
      throw bytes.unsupported("its version is " + version);
    }
    big = version == BIG_TIFF;
    if (big && uint16(4) != 8) {
      throw bytes.unsupported("its offsets have %d bytes".formatted(uint16(4)));
    }
    int start = big ? index(int64(8)) : int32(4);
    long count = big ? int64(start) : uint16(start);
    first = start + (big ? 8 : 2);
    entries = (int) Math.min(count, Integer.MAX_VALUE);
  }

  /** Returns whether numbers have their lowest byte first. */
  boolean little() {
    return little;
  }

  int width() throws RejectedImageException {
    return pixels(WIDTH);
  }

  int height() throws RejectedImageException {
    return pixels(HEIGHT);
  }

  private int pixels(int tag) throws RejectedImageException {
    return (int) Math.min(value(tag, 0), Integer.MAX_VALUE);
  }

  /** Returns the number of an {@link Orientation}; 0 if there is none. */
  int orientation() throws RejectedImageException {
    return (int) value(ORIENTATION, 0);
  }

  /** Returns the entry of a tag, or -1. */
  int entry(int tag) throws RejectedImageException {
    for (int i = 0; i < entries; i++) {
      int at = first + entrySize() * i;
      if (uint16(at) == tag) {
        return at;
      }
    }
    return -1;
  }

  /** Returns the number of an entry's values; 0 for -1. */
  int count(int entry) throws RejectedImageException {
    if (entry < 0) {
      return 0;
    }
    long count = big ? int64(entry + 4) : Integer.toUnsignedLong(int32(entry + 4));
    return (int) Math.max(0, Math.min(count, Integer.MAX_VALUE));
  }

  /** Returns the first value of a tag as a number without sign, or another if it is not there. */
  long value(int tag, long otherwise) throws RejectedImageException {
    int entry = entry(tag);
    return count(entry) == 0 ? otherwise : valueAt(entry, 0);
  }

  /** Returns one of an entry's values as a number without sign. */
  long valueAt(int entry, int index) throws RejectedImageException {
    int at = at(entry, index);
    return switch (size(entry)) {
      case 1 -> bytes.uint8(at);
      case 2 -> uint16(at);
      case 4 -> Integer.toUnsignedLong(int32(at));
      default -> int64(at);
    };
  }

  /** Returns one of an entry's values, whole or not. */
  double numberAt(int entry, int index) throws RejectedImageException {
    int at = at(entry, index);
    return switch (uint16(entry + 2)) {
      case RATIONAL ->
          (double) Integer.toUnsignedLong(int32(at)) / Integer.toUnsignedLong(int32(at + 4));
      case FLOAT -> Float.intBitsToFloat(int32(at));
      case DOUBLE -> Double.longBitsToDouble(int64(at));
      default -> valueAt(entry, index);
    };
  }

  /** Returns the text of a tag, or an empty one. */
  String text(int tag) throws RejectedImageException {
    int entry = entry(tag);
    byte[] text = new byte[Math.min(count(entry), 100)];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) valueAt(entry, i);
    }
    return new String(text, StandardCharsets.ISO_8859_1).replaceAll("\\P{Print}", " ").strip();
  }

  /** Returns where an entry's values start in the file. */
  int values(int entry) throws RejectedImageException {
    return at(entry, 0);
  }

  /** Values lie in the entry itself if there is room for them all. */
  private int at(int entry, int index) throws RejectedImageException {
    int size = size(entry);
    int room = entry + (big ? 12 : 8);
    boolean inside = (long) size * count(entry) <= (big ? 8 : 4);
    long start = inside ? room : big ? int64(room) : Integer.toUnsignedLong(int32(room));
    return index(start + (long) size * index);
  }

  private int size(int entry) throws RejectedImageException {
    int type = uint16(entry + 2);
    if (type >= SIZES.length || SIZES[type] == 0) {
      throw bytes.truncated("an entry of type " + type);
    }
    return SIZES[type];
  }

  private int entrySize() {
    return big ? 20 : 12;
  }

  private int index(long offset) throws RejectedImageException {
    if (offset < 0 || offset >= bytes.length()) {
      throw bytes.truncated("byte %s is missing".formatted(Long.toUnsignedString(offset)));
    }
    return (int) offset;
  }

  private int uint16(int at) throws RejectedImageException {
    return little ? bytes.uint16Little(at) : bytes.uint16Big(at);
  }

  private int int32(int at) throws RejectedImageException {
    return little ? bytes.int32Little(at) : bytes.int32Big(at);
  }

  private long int64(int at) throws RejectedImageException {
    long low = Integer.toUnsignedLong(int32(little ? at : at + 4));
    return ((long) int32(little ? at + 4 : at) << 32) | low;
  }
}
