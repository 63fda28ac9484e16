package io.simclrbeam.model.image;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.InflaterInputStream;
import org.tukaani.xz.XZInputStream;

/** How the bytes of a TIFF's strips and tiles are compressed. */
enum TiffCoding {
  NONE("no", Route.BYTES) {
    @Override
    InputStream decoded(InputStream part) {
      return part;
    }
  },
  LZW("LZW", Route.BYTES) {
    @Override
    InputStream decoded(InputStream part) throws IOException {
      return new LzwStream(part);
    }
  },
  DEFLATE("Deflate", Route.BYTES) {
    @Override
    InputStream decoded(InputStream part) {
      return new InflaterInputStream(part);
    }
  },
  PACK_BITS("PackBits", Route.BYTES) {
    @Override
    InputStream decoded(InputStream part) {
      return new PackBitsStream(part);
    }
  },
  ZSTD("zstd", Route.BYTES) {
    @Override
    InputStream decoded(InputStream part) throws IOException {
      return new ZstdInputStreamNoFinalizer(part);
    }
  },
  LZMA("LZMA", Route.BYTES) {
    @Override
    InputStream decoded(InputStream part) throws IOException {
      return new XZInputStream(part, LZMA_KILOBYTES);
    }
  },
  /** Modified Huffman, with rows at bytes or words, group 3 and group 4. */
  CCITT("CCITT", Route.FAX),
  JPEG("JPEG", Route.JPEG),
  WEBP("WebP", Route.WEBP),
  /** Those that only libtiff knows. It reads such a file as a whole. */
  OLD("old JPEG, NeXT, ThunderScan or PixarLog", Route.LIBRARY);

  /** Who decodes a strip or tile, and to what. */
  enum Route {
    /** A stream, to the bytes of its rows. */
    BYTES,
    /** The library for a file of this strip alone, to black and white. */
    FAX,
    /** ImageIO for a file of this strip alone, to samples. */
    JPEG,
    /** The library for a file of this strip alone, to RGB. */
    WEBP,
    /** The library for the file as it is, to RGB. */
    LIBRARY
  }

  /** A stream that asks for more memory than this is not decoded. */
  private static final int LZMA_KILOBYTES = 128 * 1024;

  private final String label;
  private final Route route;

  TiffCoding(String label, Route route) {
    this.label = label;
    this.route = route;
  }

  /**
   * Returns the one with a number, which is that of tag 259.
   *
   * @throws RejectedImageException UNSUPPORTED_FORMAT if there is none
   */
  static TiffCoding of(long number, HeaderBytes bytes) throws RejectedImageException {
    return switch ((int) Math.min(number, Integer.MAX_VALUE)) {
      case 1 -> NONE;
      case 2, 3, 4, 32771 -> CCITT;
      case 5 -> LZW;
      case 7 -> JPEG;
      case 8, 32946 -> DEFLATE;
      case 32773 -> PACK_BITS;
      case 34925 -> LZMA;
      case 50000 -> ZSTD;
      case 50001 -> WEBP;
      case 6, 32766, 32809, 32909 -> OLD;
      case 33003, 33004, 33005, 34712 -> throw bytes.unsupported("JPEG 2000 compression");
      case 34661 -> throw bytes.unsupported("JBIG compression");
      case 34676, 34677 -> throw bytes.unsupported("SGI LogLuv compression");
      case 34887 -> throw bytes.unsupported("LERC compression");
      case 50002, 52546 -> throw bytes.unsupported("JPEG XL compression");
      default -> throw bytes.unsupported("unknown compression, number %,d".formatted(number));
    };
  }

  Route route() {
    return route;
  }

  /** Returns the name for a person. */
  String label() {
    return label;
  }

  /** Returns the bytes of the rows of a strip or tile, for the route BYTES. */
  InputStream decoded(InputStream part) throws IOException {
    throw new AssertionError(this);
  }

  /** Bytes that are decoded one by one. */
  private abstract static class DecodedBytes extends InputStream {
    /** Returns the next byte, or -1 after the last. */
    abstract int next() throws IOException;

    @Override
    public final int read() throws IOException {
      return next();
    }

    @Override
    public final int read(byte[] to, int offset, int length) throws IOException {
      int count = 0;
      for (int next = 0; count < length && (next = next()) >= 0; count++) {
        to[offset + count] = (byte) next;
      }
      return count == 0 && length > 0 ? -1 : count;
    }
  }

  /** Runs of equal bytes and parts as they are (TIFF 6.0, section 9). */
  private static final class PackBitsStream extends DecodedBytes {
    private final InputStream in;
    private int left;
    private int repeated = -1;

    PackBitsStream(InputStream in) {
      this.in = in;
    }

    @Override
    int next() throws IOException {
      while (left == 0) {
        int header = in.read();
        if (header < 0) {
          return -1;
        }
        left = header < 128 ? header + 1 : header == 128 ? 0 : 257 - header;
        repeated = header > 128 ? in.read() : -1;
        if (header > 128 && repeated < 0) {
          return -1;
        }
      }
      left--;
      return repeated >= 0 ? repeated : in.read();
    }
  }

  /**
   * LZW (TIFF 6.0, section 13), and as programs before that wrote it, with the bits of a code from
   * the lowest up.
   */
  private static final class LzwStream extends DecodedBytes {
    private static final int CLEAR = 256;
    private static final int END = 257;
    private static final int MAX_CODES = 4096;
    private static final int MAX_BITS = 12;

    private final byte[] part;
    private final boolean lowestFirst;
    private final short[] prefixes = new short[MAX_CODES];
    private final byte[] lasts = new byte[MAX_CODES];
    private final byte[] string = new byte[MAX_CODES];
    private int stringLength;
    private long bit;
    private int bits = 9;
    private int codes = END + 1;
    private int previous = -1;
    private boolean ended;

    LzwStream(InputStream in) throws IOException {
      part = in.readAllBytes();
      lowestFirst = part.length > 1 && part[0] == 0 && (part[1] & 1) != 0;
      for (int i = 0; i < CLEAR; i++) {
        lasts[i] = (byte) i;
      }
    }

    @Override
    int next() throws IOException {
      if (stringLength == 0 && !readString()) {
        return -1;
      }
      return string[--stringLength] & 0xFF;
    }

    /** Reads the bytes of the next code, last byte first. */
    private boolean readString() throws IOException {
      int code = nextCode();
      while (code == CLEAR) {
        bits = 9;
        codes = END + 1;
        previous = -1;
        code = nextCode();
      }
      if (code < 0 || code == END) {
        ended = true;
        return false;
      }
      if (code > codes || (code > END && previous < 0) || (code == codes && previous < 0)) {
        ended = true;
        throw new IOException("its LZW data makes no sense");
      }
      int c = code;
      if (code == codes) { // the string that this code is about to define
        stringLength = 1;
        c = previous;
      }
      while (c > END) {
        string[stringLength++] = lasts[c];
        c = prefixes[c];
      }
      string[stringLength++] = (byte) c;
      if (code == codes) {
        string[0] = (byte) c;
      }
      if (previous >= 0 && codes < MAX_CODES) {
        prefixes[codes] = (short) previous;
        lasts[codes] = (byte) c;
        codes++;
        // Codes get longer one code before they must; the old ones when they must.
        if (codes == (1 << bits) - (lowestFirst ? 0 : 1) && bits < MAX_BITS) {
          bits++;
        }
      }
      previous = code;
      return true;
    }

    private int nextCode() {
      if (ended || bit + bits > 8L * part.length) {
        return -1;
      }
      int code = 0;
      for (int i = 0; i < 3; i++) {
        int at = (int) (bit >> 3) + i;
        int value = at < part.length ? part[at] & 0xFF : 0;
        code |= value << (lowestFirst ? 8 * i : 16 - 8 * i);
      }
      int shift = (int) (bit & 7);
      bit += bits;
      int shifted = lowestFirst ? code >> shift : code >> (24 - bits - shift);
      return shifted & ((1 << bits) - 1);
    }
  }

  /** Returns bytes with the bits of each in the other order, for fill order 2. */
  static InputStream mirrored(byte[] file, int from, int length) {
    byte[] mirrored = new byte[length];
    for (int i = 0; i < length; i++) {
      mirrored[i] = (byte) (Integer.reverse(file[from + i]) >>> 24);
    }
    return new ByteArrayInputStream(mirrored);
  }
}
