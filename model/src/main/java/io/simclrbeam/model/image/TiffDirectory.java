package io.simclrbeam.model.image;

import java.nio.ByteBuffer;

/** The first directory of a TIFF (TIFF 6.0, section 2). It describes the first page. */
final class TiffDirectory {
  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int PHOTOMETRIC = 262;
  private static final int STRIP_OFFSETS = 273;
  private static final int ORIENTATION = 274;
  private static final int SAMPLES_PER_PIXEL = 277;
  private static final int STRIP_BYTE_COUNTS = 279;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_HEIGHT = 323;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_BYTE_COUNTS = 325;
  private static final int EXTRA_SAMPLES = 338;
  private static final int ICC_PROFILE = 34675;
  private static final int SHORT = 3;
  private static final byte ASSOCIATED_ALPHA = 1;
  private static final int UNASSOCIATED_ALPHA = 2;

  /** CMYK and alpha. */
  private static final int MAX_SAMPLES = 5;

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

  /** Returns what the samples of a pixel are: 0 and 1 gray, 2 RGB, 3 palette, 5 CMYK, 6 YCbCr. */
  int photometric() throws RejectedImageException {
    return value(PHOTOMETRIC, 0);
  }

  /** Returns the number of an {@link Orientation}; 0 if there is none. */
  int orientation() throws RejectedImageException {
    return value(ORIENTATION, 0);
  }

  /**
   * Checks that the bytes of every strip or tile are there, and that one pixel or one tile does not
   * take more memory than the whole picture may.
   *
   * @throws RejectedImageException TRUNCATED, UNSUPPORTED_FORMAT or TOO_LARGE
   */
  void check() throws RejectedImageException {
    int samples = value(SAMPLES_PER_PIXEL, 0);
    if (samples < 0 || samples > MAX_SAMPLES) {
      throw bytes.unsupported("%,d samples per pixel".formatted(Integer.toUnsignedLong(samples)));
    }
    boolean tiled = entry(TILE_OFFSETS) >= 0;
    if (tiled) {
      long tileWidth = Integer.toUnsignedLong(value(TILE_WIDTH, 0));
      long tileHeight = Integer.toUnsignedLong(value(TILE_HEIGHT, 0));
      ImageDecoder.checkSize(tileWidth, tileHeight);
    }
    int offsets = entry(tiled ? TILE_OFFSETS : STRIP_OFFSETS);
    int counts = entry(tiled ? TILE_BYTE_COUNTS : STRIP_BYTE_COUNTS);
    int parts = offsets < 0 ? 0 : int32(offsets + 4);
    if (parts < 1 || counts < 0 || int32(counts + 4) != parts) {
      throw bytes.truncated("it does not say where its pixels are");
    }
    for (int i = 0; i < parts; i++) {
      long end =
          Integer.toUnsignedLong(valueAt(offsets, i)) + Integer.toUnsignedLong(valueAt(counts, i));
      if (end > bytes.length()) {
        throw bytes.truncated("its pixels go on to byte " + end);
      }
    }
  }

  /**
   * Makes the file say that its colors are already multiplied by alpha. Otherwise libtiff would
   * multiply them, but alpha is ignored here.
   */
  void ignoreAlpha(ByteBuffer file) throws RejectedImageException {
    int at = entry(EXTRA_SAMPLES);
    if (at >= 0 && int32(at + 4) == 1 && valueAt(at, 0) == UNASSOCIATED_ALPHA) {
      file.put(at + (little ? 8 : 9), ASSOCIATED_ALPHA);
    }
  }

  /** Overwrites the tag of the color profile, in a copy of the file, with an unknown one. */
  void ignoreColorProfile(ByteBuffer file) throws RejectedImageException {
    int at = entry(ICC_PROFILE);
    if (at >= 0) {
      file.put(at, (byte) 0xFF).put(at + 1, (byte) 0xFF);
    }
  }

  /** Returns where the entry of a tag is, or -1. */
  private int entry(int tag) throws RejectedImageException {
    for (int i = 0; i < entries; i++) {
      int at = start + 2 + 12 * i;
      if (uint16(at) == tag) {
        return at;
      }
    }
    return -1;
  }

  private int value(int tag, int index) throws RejectedImageException {
    int at = entry(tag);
    return at < 0 ? 0 : valueAt(at, index);
  }

  /** Returns one of an entry's values. They lie in the entry itself if four bytes hold them all. */
  private int valueAt(int entry, int index) throws RejectedImageException {
    int size = uint16(entry + 2) == SHORT ? 2 : 4;
    int values = (long) size * int32(entry + 4) <= 4 ? entry + 8 : int32(entry + 8);
    return size == 2 ? uint16(values + 2 * index) : int32(values + 4 * index);
  }

  private int uint16(int at) throws RejectedImageException {
    return little ? bytes.uint16Little(at) : bytes.uint16Big(at);
  }

  private int int32(int at) throws RejectedImageException {
    return little ? bytes.int32Little(at) : bytes.int32Big(at);
  }
}
