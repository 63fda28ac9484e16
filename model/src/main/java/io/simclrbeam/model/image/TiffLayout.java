package io.simclrbeam.model.image;

import io.simclrbeam.model.image.TiffCoding.Route;

/** What the samples of a TIFF's first page are, and where its strips or tiles lie. */
final class TiffLayout {
  static final int WHITE_IS_ZERO = 0;
  static final int BLACK_IS_ZERO = 1;
  static final int RGB = 2;
  static final int PALETTE = 3;
  static final int CMYK = 5;
  static final int YCBCR = 6;
  static final int CIELAB = 8;

  private static final int SUBFILE = 254;
  private static final int BITS_PER_SAMPLE = 258;
  private static final int COMPRESSION = 259;
  private static final int PHOTOMETRIC = 262;
  private static final int FILL_ORDER = 266;
  private static final int MAKE = 271;
  private static final int STRIP_OFFSETS = 273;
  private static final int SAMPLES_PER_PIXEL = 277;
  private static final int ROWS_PER_STRIP = 278;
  private static final int STRIP_BYTE_COUNTS = 279;
  private static final int PLANAR_CONFIGURATION = 284;
  private static final int PREDICTOR = 317;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_HEIGHT = 323;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_BYTE_COUNTS = 325;
  private static final int SUB_DIRECTORIES = 330;
  private static final int INK_SET = 332;
  private static final int EXTRA_SAMPLES = 338;
  private static final int SAMPLE_FORMAT = 339;
  private static final int SUBSAMPLING = 530;
  private static final int DNG_VERSION = 50706;
  private static final int COLOR_FILTER_ARRAY = 32803;
  private static final int LINEAR_RAW = 34892;

  private static final int ASSOCIATED_ALPHA = 1;
  private static final int CMYK_INKS = 1;

  /** Bytes of a row of a strip or tile. */
  private static final long MAX_ROW = 1 << 28;

  /** What a sample is. */
  enum Kind {
    UNSIGNED,
    SIGNED,
    FLOAT
  }

  final int width;
  final int height;
  final TiffCoding coding;
  final int photometric;
  final int samples;
  final int bits;
  final Kind kind;
  final boolean planes;
  final int predictor;
  final boolean mirrored;
  final boolean tiled;
  final int partWidth;
  final int partHeight;

  /** Pixels of a row and rows that share their colors, of YCbCr. */
  final int sharedX;

  final int sharedY;

  /** Which sample is alpha that the colors are multiplied by, or -1. */
  final int alpha;

  private final HeaderBytes bytes;
  private final TiffDirectory directory;
  private final int offsets;
  private final int counts;

  /**
   * Reads it.
   *
   * @throws RejectedImageException TRUNCATED, UNSUPPORTED_FORMAT or TOO_LARGE
   */
  TiffLayout(TiffDirectory directory, HeaderBytes bytes) throws RejectedImageException {
    this.directory = directory;
    this.bytes = bytes;
    width = directory.width();
    height = directory.height();
    photometric = small(PHOTOMETRIC, BLACK_IS_ZERO);
    checkNotRaw();
    coding = TiffCoding.of(directory.value(COMPRESSION, 1), bytes);
    samples = small(SAMPLES_PER_PIXEL, 1);
    bits = bits();
    kind = kind();
    planes = samples > 1 && small(PLANAR_CONFIGURATION, 1) == 2;
    predictor =
        coding.route() == Route.BYTES && coding != TiffCoding.NONE ? small(PREDICTOR, 1) : 1;
    mirrored = small(FILL_ORDER, 1) == 2;
    tiled = directory.entry(TILE_OFFSETS) >= 0;
    partWidth = tiled ? small(TILE_WIDTH, 0) : width;
    partHeight = tiled ? small(TILE_HEIGHT, 0) : rowsPerStrip();
    int subsampling = directory.entry(SUBSAMPLING);
    boolean subsampled = photometric == YCBCR && coding.route() == Route.BYTES;
    sharedX = !subsampled ? 1 : subsampling < 0 ? 2 : (int) directory.valueAt(subsampling, 0);
    sharedY = !subsampled ? 1 : subsampling < 0 ? 2 : (int) directory.valueAt(subsampling, 1);
    alpha = alpha();
    offsets = directory.entry(tiled ? TILE_OFFSETS : STRIP_OFFSETS);
    counts = directory.entry(tiled ? TILE_BYTE_COUNTS : STRIP_BYTE_COUNTS);
    checkShared(); // what is checked next is divided by them
    check();
    checkColors();
    checkParts();
  }

  private void checkShared() throws RejectedImageException {
    if (Integer.bitCount(sharedX) != 1
        || Integer.bitCount(sharedY) != 1
        || sharedX > 4
        || sharedY > 4) {
      throw bytes.truncated("a color for %d x %d pixels".formatted(sharedX, sharedY));
    }
  }

  private int small(int tag, int otherwise) throws RejectedImageException {
    return (int) Math.min(directory.value(tag, otherwise), Integer.MAX_VALUE);
  }

  /** A raw file starts with a small preview, which is not the picture. */
  private void checkNotRaw() throws RejectedImageException {
    boolean preview = (small(SUBFILE, 0) & 1) != 0 && directory.entry(SUB_DIRECTORIES) >= 0;
    boolean sensor = photometric == COLOR_FILTER_ARRAY || photometric == LINEAR_RAW;
    if (preview || sensor || directory.entry(DNG_VERSION) >= 0) {
      String make = directory.text(MAKE);
      throw ImageFormat.CAMERA_RAW.unread(make.isEmpty() ? "" : " (" + make + ")");
    }
  }

  private int bits() throws RejectedImageException {
    int entry = directory.entry(BITS_PER_SAMPLE);
    int first = entry < 0 ? 1 : (int) directory.valueAt(entry, 0);
    for (int i = 1; i < Math.min(samples, directory.count(entry)); i++) {
      if (directory.valueAt(entry, i) != first) {
        throw bytes.unsupported("samples of different sizes");
      }
    }
    return first;
  }

  private Kind kind() throws RejectedImageException {
    int format = small(SAMPLE_FORMAT, 1);
    return switch (format) {
      case 1, 4 -> Kind.UNSIGNED;
      case 2 -> bits > 8 ? Kind.SIGNED : Kind.UNSIGNED; // as PIL has it
      case 3 -> Kind.FLOAT;
      default -> throw bytes.unsupported("complex samples");
    };
  }

  private int rowsPerStrip() throws RejectedImageException {
    int rows = small(ROWS_PER_STRIP, Integer.MAX_VALUE);
    return rows <= 0 ? height : Math.min(rows, height);
  }

  private int alpha() throws RejectedImageException {
    int entry = photometric == PALETTE ? -1 : directory.entry(EXTRA_SAMPLES);
    for (int i = 0; i < Math.min(samples - colors(), directory.count(entry)); i++) {
      if (directory.valueAt(entry, i) == ASSOCIATED_ALPHA) {
        return colors() + i;
      }
    }
    return -1;
  }

  /** Returns how many samples of a pixel are its color. */
  int colors() {
    return switch (photometric) {
      case RGB, YCBCR, CIELAB -> 3;
      case CMYK -> 4;
      default -> 1;
    };
  }

  /** Returns how many samples of a pixel matter. */
  int needed() {
    return Math.max(colors(), alpha + 1);
  }

  private void check() throws RejectedImageException {
    if (samples < 1) {
      throw bytes.truncated("it has no samples");
    }
    if (samples < colors()) {
      throw bytes.unsupported("%d samples for %d colors".formatted(samples, colors()));
    }
    if (samples > 0xFFFF) {
      throw bytes.unsupported("%,d samples per pixel".formatted(samples));
    }
    boolean readable =
        switch (kind) {
          case UNSIGNED, SIGNED -> (bits >= 1 && bits <= 32) || bits == 64;
          case FLOAT -> bits == 16 || bits == 24 || bits == 32 || bits == 64;
        };
    if (!readable) {
      throw bytes.unsupported("%s samples of %,d bits".formatted(name(), bits));
    }
    boolean predicted =
        switch (predictor) {
          case 1 -> true;
          case 2 -> bits == 8 || bits == 16 || bits == 32;
          case 3 -> kind == Kind.FLOAT;
          default -> false;
        };
    if (!predicted) {
      throw bytes.unsupported(
          "predictor %d with %s samples of %d bits".formatted(predictor, name(), bits));
    }
    if (partWidth < 1 || partHeight < 1) {
      throw bytes.truncated("tiles of %d x %d pixels".formatted(partWidth, partHeight));
    }
    if (tiled || coding.route() != TiffCoding.Route.BYTES) { // other strips come row by row
      ImageDecoder.checkSize(partWidth, partHeight);
    }
    if (rowBytes() > MAX_ROW || (long) partWidth * samples > MAX_ROW / 4) {
      throw new RejectedImageException(
          RejectReason.TOO_LARGE, "a row of %,d samples".formatted((long) partWidth * samples));
    }
    switch (coding.route()) {
      case BYTES -> {}
      case FAX -> require(bits == 1 && samples == 1);
      case JPEG -> require(bits == 8 && kind == Kind.UNSIGNED && (planes || samples <= 4));
      case WEBP -> require(bits == 8 && photometric == RGB && !planes && samples <= 4);
      case LIBRARY -> require(!tiled && (bits == 8 || photometric != WHITE_IS_ZERO));
    }
  }

  private void require(boolean readable) throws RejectedImageException {
    if (!readable) {
      throw bytes.unsupported(
          "%s with %s compression, of %d samples of %d bits"
              .formatted(tiled ? "tiles" : "strips", coding.label(), samples, bits));
    }
  }

  private String name() {
    return switch (kind) {
      case UNSIGNED -> "integer";
      case SIGNED -> "signed";
      case FLOAT -> "floating-point";
    };
  }

  private void checkColors() throws RejectedImageException {
    switch (photometric) {
      case WHITE_IS_ZERO, BLACK_IS_ZERO, RGB -> {}
      case PALETTE -> {
        if (kind != Kind.UNSIGNED || bits > 16) {
          throw bytes.unsupported("a palette for %s samples of %d bits".formatted(name(), bits));
        }
      }
      case CMYK -> {
        if (small(INK_SET, CMYK_INKS) != CMYK_INKS) {
          throw bytes.unsupported("its inks are not CMYK");
        }
      }
      case YCBCR -> {
        boolean shared = sharedX > 1 || sharedY > 1;
        if (bits != 8 || kind != Kind.UNSIGNED || (shared && (planes || samples != 3))) {
          throw bytes.unsupported("YCbCr of %d samples of %d bits".formatted(samples, bits));
        }
        if (shared && predictor != 1) {
          throw bytes.unsupported("predictor %d with YCbCr".formatted(predictor));
        }
      }
      case CIELAB -> {
        if (bits != 8 || kind == Kind.FLOAT) {
          throw bytes.unsupported("CIELab of %s samples of %d bits".formatted(name(), bits));
        }
      }
      case 4 -> throw bytes.unsupported("a mask");
      case 9 -> throw bytes.unsupported("ICCLab colors");
      case 10 -> throw bytes.unsupported("ITULab colors");
      case 32844, 32845 -> throw bytes.unsupported("LogLuv colors");
      default -> throw bytes.unsupported("colors of the unknown kind " + photometric);
    }
  }

  private void checkParts() throws RejectedImageException {
    long parts = (long) across() * down() * (planes ? samples : 1);
    if (directory.count(offsets) < parts) {
      throw bytes.truncated(
          "it says of %,d %s where they are, and has %,d"
              .formatted(directory.count(offsets), tiled ? "tiles" : "strips", parts));
    }
    for (int i = 0; i < parts; i++) {
      long end = directory.valueAt(offsets, i) + partBytes(i);
      if (directory.valueAt(offsets, i) < 0 || end > bytes.length()) {
        throw bytes.truncated("its pixels go on to byte " + Long.toUnsignedString(end));
      }
    }
  }

  int across() {
    return (width + partWidth - 1) / partWidth;
  }

  int down() {
    return (height + partHeight - 1) / partHeight;
  }

  /** Returns the bytes of a row of a strip or tile; of YCbCr, of the rows that share colors. */
  long rowBytes() {
    if (sharedX > 1 || sharedY > 1) {
      return (long) (partWidth + sharedX - 1) / sharedX * (sharedX * sharedY + 2);
    }
    return ((long) partWidth * (planes ? 1 : samples) * bits + 7) / 8;
  }

  /** Returns how many rows of pixels a strip or tile has that starts with a row. */
  int rows(int top) {
    return tiled ? partHeight : Math.min(partHeight, height - top);
  }

  /** Returns where a strip or tile starts in the file. */
  int partStart(int part) throws RejectedImageException {
    return (int) directory.valueAt(offsets, part);
  }

  /**
   * Returns how many bytes a strip or tile has at most. Some programs write no counts, or wrong
   * ones, so they do not matter where nothing is compressed, and may go beyond the end.
   */
  int partLength(int part) throws RejectedImageException {
    long left = bytes.length() - directory.valueAt(offsets, part);
    if (coding == TiffCoding.NONE) {
      return (int) Math.min(left, partBytes(part));
    }
    long count = part < directory.count(counts) ? directory.valueAt(counts, part) : 0;
    boolean careless = coding.route() == Route.FAX || coding.route() == Route.LIBRARY;
    if (careless && count > left) {
      throw bytes.truncated("its pixels go on to byte " + (bytes.length() + count - left));
    }
    return (int) (count <= 0 ? left : Math.min(left, count));
  }

  /** Returns the bytes that a strip or tile must have; 0 if nobody can know. */
  private long partBytes(int part) {
    if (coding != TiffCoding.NONE) {
      return 0;
    }
    int rows = rows(part / across() % down() * partHeight);
    return rowBytes() * ((rows + sharedY - 1) / sharedY);
  }
}
