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
import static org.bytedeco.leptonica.global.leptonica.pixcmapGetCount;
import static org.bytedeco.leptonica.global.leptonica.setMsgSeverity;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import org.bytedeco.javacpp.BytePointer;
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

  private static final VarHandle FOUR_BYTES =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  /** Words copied from native memory at a time. */
  private static final int STRIP = 8192;

  /** A file up to this long is copied to memory that its thread keeps. */
  private static final int SMALL_FILE = 1 << 20;

  private static final ThreadLocal<ByteBuffer> SMALL_FILES =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(SMALL_FILE));

  private static final byte GIF_END = ';';

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
    // Freed at once: the collector would not see a need to, as it knows nothing of native memory.
    try (BytePointer large =
        encoded.length > SMALL_FILE ? new BytePointer((long) encoded.length) : null) {
      // Outside the heap, where the library gets at it without JavaCPP's copy, slow for small
      // files.
      ByteBuffer file = large == null ? SMALL_FILES.get().clear() : large.asByteBuffer();
      PIX pix = read(header.format(), file.put(encoded).flip(), bytes);
      if (pix == null) {
        throw bytes.truncated(
            "its %d x %d pixels cannot all be read".formatted(header.width(), header.height()));
      }
      try {
        return toRgb(pix, bytes);
      } finally {
        pixDestroy(pix);
      }
    }
  }

  private static void checkSize(int width, int height) throws RejectedImageException {
    if ((long) width * height > MAX_PIXELS) {
      throw new RejectedImageException(
          RejectReason.TOO_LARGE,
          "%d x %d is more than %,d pixels".formatted(width, height, MAX_PIXELS));
    }
  }

  private static @Nullable PIX read(ImageFormat format, ByteBuffer file, HeaderBytes bytes)
      throws RejectedImageException {
    return switch (format) {
      case JPEG -> readJpeg(file, bytes);
      case PNG -> readPng(file, bytes);
      case WEBP -> pixReadMemWebP(file, file.limit());
      case TIFF -> readTiff(file, bytes);
      case GIF -> readGif(file, bytes);
      case BMP -> pixReadMemBmp(file, file.limit());
      case HEIF, JPEG_2000, JPEG_XL -> throw new AssertionError(format);
    };
  }

  /** Without a hint Leptonica gives nothing back if libjpeg warned, as it does of bad data. */
  private static @Nullable PIX readJpeg(ByteBuffer file, HeaderBytes bytes)
      throws RejectedImageException {
    JpegFrame.of(bytes).checkEnd(bytes);
    return pixReadMemJpeg(file, file.limit(), 0, 1, (IntBuffer) null, 0);
  }

  /** Walks the chunks first, as libpng writes to the standard error of what it misses. */
  private static @Nullable PIX readPng(ByteBuffer file, HeaderBytes bytes)
      throws RejectedImageException {
    int at = 8;
    while (bytes.int32Big(at + 4) != PNG_END) {
      int length = bytes.int32Big(at);
      if (length < 0 || length > file.limit()) {
        throw bytes.truncated("a chunk of %,d bytes".formatted(Integer.toUnsignedLong(length)));
      }
      at += 12 + length;
    }
    bytes.uint8(at + 11);
    return pixReadMemPng(file, file.limit());
  }

  private static @Nullable PIX readTiff(ByteBuffer file, HeaderBytes bytes)
      throws RejectedImageException {
    TiffDirectory directory = new TiffDirectory(bytes);
    directory.checkEnd();
    directory.ignoreAlpha(file);
    return pixReadMemTiff(file, file.limit(), 0);
  }

  /** Ends the file after its first frame, so that no other is decoded. */
  private static @Nullable PIX readGif(ByteBuffer file, HeaderBytes bytes)
      throws RejectedImageException {
    int end = GifFrame.first(bytes).end();
    if (end < file.limit()) {
      file.put(end, GIF_END).limit(end + 1);
    }
    return pixReadMemGif(file, file.limit());
  }

  private static RgbImage toRgb(PIX pix, HeaderBytes bytes) throws RejectedImageException {
    int width = pixGetWidth(pix);
    int height = pixGetHeight(pix);
    checkSize(width, height);
    int depth = pixGetDepth(pix);
    if (Integer.bitCount(depth) != 1 || depth > 32) {
      throw bytes.unsupported("%d bits per pixel".formatted(depth));
    }
    int[] palette = depth <= 16 ? palette(pix, depth) : null;
    int[] row = new int[width];
    byte[] pixels = new byte[3 * width * height];
    int wordsPerRow = pixGetWpl(pix);
    int rowsPerStrip = Math.max(1, STRIP / wordsPerRow);
    int[] strip = new int[Math.min(rowsPerStrip, height) * wordsPerRow];
    IntPointer data = pixGetData(pix);
    for (int top = 0; top < height; top += rowsPerStrip) {
      int rows = Math.min(rowsPerStrip, height - top);
      data.position((long) top * wordsPerRow).get(strip, 0, rows * wordsPerRow);
      for (int y = 0; y < rows; y++) {
        int from = y * wordsPerRow;
        int to = (top + y) * width * 3;
        if (palette != null) {
          lookUp(strip, from, depth, palette, row);
          write(row, 0, width, pixels, to);
        } else {
          write(strip, from, width, pixels, to);
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
        int gray = depth == 16 ? i >> 8 : 255 * i / (colors.length - 1);
        colors[i] = (depth == 1 ? 255 - gray : gray) * 0x01010100;
      }
    } else {
      byte[] entries = new byte[4 * Math.min(colors.length, pixcmapGetCount(map))];
      new BytePointer(map.array()).get(entries);
      for (int i = 0; i < entries.length / 4; i++) {
        int blue = entries[4 * i] & 0xFF;
        int green = entries[4 * i + 1] & 0xFF;
        int red = entries[4 * i + 2] & 0xFF;
        colors[i] = (red << 24) | (green << 16) | (blue << 8);
      }
    }
    return colors;
  }

  /** Pixels of up to 16 bits lie in a word from its highest bits down. */
  private static void lookUp(int[] words, int from, int depth, int[] palette, int[] row) {
    for (int x = 0; x < row.length; x++) {
      int bit = x * depth;
      row[x] = palette[(words[from + (bit >> 5)] << (bit & 31)) >>> (32 - depth)];
    }
  }

  /**
   * Writes colours 0xRRGGBB.. as bytes: all but the last as four, the fourth of which the next
   * overwrites.
   */
  private static void write(int[] colors, int from, int width, byte[] pixels, int to) {
    int p = to;
    for (int x = 0; x < width - 1; x++) {
      FOUR_BYTES.set(pixels, p, colors[from + x]);
      p += 3;
    }
    int last = colors[from + width - 1];
    pixels[p] = (byte) (last >> 24);
    pixels[p + 1] = (byte) (last >> 16);
    pixels[p + 2] = (byte) (last >> 8);
  }
}
