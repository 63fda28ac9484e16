package io.simclrbeam.model.image;

import static org.bytedeco.leptonica.global.leptonica.L_SEVERITY_NONE;
import static org.bytedeco.leptonica.global.leptonica.pixDestroy;
import static org.bytedeco.leptonica.global.leptonica.pixGetColormap;
import static org.bytedeco.leptonica.global.leptonica.pixGetData;
import static org.bytedeco.leptonica.global.leptonica.pixGetDepth;
import static org.bytedeco.leptonica.global.leptonica.pixGetHeight;
import static org.bytedeco.leptonica.global.leptonica.pixGetWidth;
import static org.bytedeco.leptonica.global.leptonica.pixGetWpl;
import static org.bytedeco.leptonica.global.leptonica.pixReadMemBmp;
import static org.bytedeco.leptonica.global.leptonica.pixReadMemGif;
import static org.bytedeco.leptonica.global.leptonica.pixReadMemJpeg;
import static org.bytedeco.leptonica.global.leptonica.pixReadMemPng;
import static org.bytedeco.leptonica.global.leptonica.pixReadMemTiff;
import static org.bytedeco.leptonica.global.leptonica.pixReadMemWebP;
import static org.bytedeco.leptonica.global.leptonica.pixcmapGetColor32;
import static org.bytedeco.leptonica.global.leptonica.pixcmapGetCount;
import static org.bytedeco.leptonica.global.leptonica.setMsgSeverity;

import java.util.Arrays;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.leptonica.PIX;
import org.bytedeco.leptonica.PIXCMAP;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of a JPEG, PNG, WebP, TIFF, GIF or BMP file into 8-bit RGB, with the Leptonica
 * library. The pixels of a JPEG are those that PIL's {@code convert("RGB")} gives. Gray, CMYK and
 * palettes become RGB; of 16 bits the upper 8 stay; alpha is dropped, whatever it hid; of several
 * frames or pages the first is read, a GIF's without the canvas around it. The EXIF orientation of
 * a JPEG, PNG or WebP is ignored and the orientation tag of a TIFF obeyed, both as in PIL (9.4) and
 * so in torchvision. Thread-safe.
 */
public final class ImageDecoder {
  /** A picture of more pixels than this is not decoded: 300 MB as RGB. */
  public static final int MAX_PIXELS = 100_000_000;

  /** Words copied from native memory at a time. */
  private static final int STRIP = 8192;

  /** The name of a PNG's last chunk, IEND. */
  private static final int PNG_END = 0x49454E44;

  static {
    setMsgSeverity(L_SEVERITY_NONE);
  }

  private ImageDecoder() {}

  /**
   * Decodes a picture.
   *
   * @param encoded the whole file
   * @return uint8 RGB {@code [height, width, 3]}
   * @throws RejectedImageException EMPTY; NOT_AN_IMAGE if no known format starts like this;
   *     UNSUPPORTED_FORMAT; TOO_LARGE above {@link #MAX_PIXELS}; TRUNCATED if the data ends early
   *     or is corrupt in any place that the format lets notice
   */
  public static RgbImage decode(byte[] encoded) throws RejectedImageException {
    ImageHeader header = ImageHeader.of(encoded);
    HeaderBytes bytes = new HeaderBytes(header.format(), encoded);
    checkSize(header.width(), header.height());
    PIX pix = read(header.format(), encoded, bytes);
    if (pix == null) {
      throw bytes.truncated(
          "its %d x %d pixels cannot all be read".formatted(header.width(), header.height()));
    }
    try {
      checkSize(pixGetWidth(pix), pixGetHeight(pix));
      return toRgb(pix, bytes);
    } finally {
      pixDestroy(pix);
    }
  }

  private static void checkSize(int width, int height) throws RejectedImageException {
    if ((long) width * height > MAX_PIXELS) {
      throw new RejectedImageException(
          RejectReason.TOO_LARGE,
          "%d x %d is more than %,d pixels".formatted(width, height, MAX_PIXELS));
    }
  }

  private static @Nullable PIX read(ImageFormat format, byte[] encoded, HeaderBytes bytes)
      throws RejectedImageException {
    return switch (format) {
      case JPEG -> readJpeg(encoded, bytes);
      case PNG -> readPng(encoded, bytes);
      case WEBP -> pixReadMemWebP(encoded, encoded.length);
      case TIFF -> readTiff(encoded, bytes);
      case GIF -> readGif(encoded, bytes);
      case BMP -> pixReadMemBmp(encoded, encoded.length);
      case HEIF, JPEG_2000, JPEG_XL -> throw new AssertionError(format);
    };
  }

  /** Without a hint Leptonica gives nothing back if libjpeg warned, as it does of bad data. */
  private static @Nullable PIX readJpeg(byte[] encoded, HeaderBytes bytes)
      throws RejectedImageException {
    JpegFrame.of(bytes).checkEnd(bytes);
    return pixReadMemJpeg(encoded, encoded.length, 0, 1, new int[1], 0);
  }

  /** Walks the chunks first, as libpng writes to the standard error of what it misses. */
  private static @Nullable PIX readPng(byte[] encoded, HeaderBytes bytes)
      throws RejectedImageException {
    int at = 8;
    while (bytes.int32Big(at + 4) != PNG_END) {
      int length = bytes.int32Big(at);
      if (length < 0 || length > encoded.length) {
        throw bytes.truncated("a chunk of %,d bytes".formatted(Integer.toUnsignedLong(length)));
      }
      at += 12 + length;
    }
    bytes.uint8(at + 11);
    return pixReadMemPng(encoded, encoded.length);
  }

  private static @Nullable PIX readTiff(byte[] encoded, HeaderBytes bytes)
      throws RejectedImageException {
    TiffDirectory directory = new TiffDirectory(bytes);
    directory.checkEnd();
    return pixReadMemTiff(directory.withoutUnassociatedAlpha(encoded), encoded.length, 0);
  }

  /** Ends the file after its first frame, so that no other is decoded. */
  private static @Nullable PIX readGif(byte[] encoded, HeaderBytes bytes)
      throws RejectedImageException {
    int end = GifFrame.first(bytes).end();
    byte[] single = Arrays.copyOf(encoded, end + 1);
    single[end] = ';';
    return pixReadMemGif(single, single.length);
  }

  private static RgbImage toRgb(PIX pix, HeaderBytes bytes) throws RejectedImageException {
    int width = pixGetWidth(pix);
    int height = pixGetHeight(pix);
    int depth = pixGetDepth(pix);
    if (Integer.bitCount(depth) != 1 || depth > 32) {
      throw bytes.unsupported("%d bits per pixel".formatted(depth));
    }
    int[] palette = depth <= 8 ? palette(pix, depth) : null;
    byte[] pixels = new byte[3 * width * height];
    int wordsPerRow = pixGetWpl(pix);
    int rowsPerStrip = Math.max(1, STRIP / wordsPerRow);
    int[] strip = new int[Math.min(rowsPerStrip, height) * wordsPerRow];
    IntPointer data = pixGetData(pix);
    for (int top = 0; top < height; top += rowsPerStrip) {
      int rows = Math.min(rowsPerStrip, height - top);
      data.position((long) top * wordsPerRow).get(strip, 0, rows * wordsPerRow);
      for (int row = 0; row < rows; row++) {
        int from = row * wordsPerRow;
        int to = (top + row) * width * 3;
        if (palette != null) {
          copyLevels(strip, from, depth, palette, pixels, to, width);
        } else if (depth == 16) {
          copyGray16(strip, from, pixels, to, width);
        } else {
          copyRgb(strip, from, pixels, to, width);
        }
      }
    }
    return new RgbImage(width, height, pixels);
  }

  /**
   * The colour 0xRRGGBB.. of each value of a pixel; without a palette a gray, 1 bit: 0 is white.
   */
  private static int[] palette(PIX pix, int depth) {
    int[] colors = new int[1 << depth];
    PIXCMAP map = pixGetColormap(pix);
    if (map == null) {
      for (int i = 0; i < colors.length; i++) {
        int gray = 255 * i / (colors.length - 1);
        colors[i] = (depth == 1 ? 255 - gray : gray) * 0x01010100;
      }
    } else {
      int[] color = new int[1];
      for (int i = 0; i < Math.min(colors.length, pixcmapGetCount(map)); i++) {
        pixcmapGetColor32(map, i, color);
        colors[i] = color[0];
      }
    }
    return colors;
  }

  private static void copyRgb(int[] words, int from, byte[] pixels, int to, int width) {
    int p = to;
    for (int x = 0; x < width; x++) {
      int word = words[from + x];
      pixels[p] = (byte) (word >> 24);
      pixels[p + 1] = (byte) (word >> 16);
      pixels[p + 2] = (byte) (word >> 8);
      p += 3;
    }
  }

  /** Pixels of 1, 2, 4 or 8 bits lie in a word from its highest bits down. */
  private static void copyLevels(
      int[] words, int from, int depth, int[] palette, byte[] pixels, int to, int width) {
    int p = to;
    for (int x = 0; x < width; x++) {
      int bit = x * depth;
      int color = palette[(words[from + (bit >> 5)] << (bit & 31)) >>> (32 - depth)];
      pixels[p] = (byte) (color >> 24);
      pixels[p + 1] = (byte) (color >> 16);
      pixels[p + 2] = (byte) (color >> 8);
      p += 3;
    }
  }

  private static void copyGray16(int[] words, int from, byte[] pixels, int to, int width) {
    int p = to;
    for (int x = 0; x < width; x++) {
      byte gray = (byte) ((words[from + (x >> 1)] << ((x & 1) << 4)) >> 24);
      pixels[p] = gray;
      pixels[p + 1] = gray;
      pixels[p + 2] = gray;
      p += 3;
    }
  }
}
