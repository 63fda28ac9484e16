package io.simclrbeam.model.image;

import static org.bytedeco.leptonica.global.leptonica.L_SEVERITY_NONE;
import static org.bytedeco.leptonica.global.leptonica.getLeptonicaVersion;
import static org.bytedeco.leptonica.global.leptonica.lept_free;
import static org.bytedeco.leptonica.global.leptonica.pixDestroy;
import static org.bytedeco.leptonica.global.leptonica.pixGetColormap;
import static org.bytedeco.leptonica.global.leptonica.pixGetData;
import static org.bytedeco.leptonica.global.leptonica.pixGetDepth;
import static org.bytedeco.leptonica.global.leptonica.pixGetHeight;
import static org.bytedeco.leptonica.global.leptonica.pixGetWidth;
import static org.bytedeco.leptonica.global.leptonica.pixGetWpl;
import static org.bytedeco.leptonica.global.leptonica.pixReadMemJpeg;
import static org.bytedeco.leptonica.global.leptonica.pixReadMemPng;
import static org.bytedeco.leptonica.global.leptonica.pixReadMemTiff;
import static org.bytedeco.leptonica.global.leptonica.pixReadMemWebP;
import static org.bytedeco.leptonica.global.leptonica.pixcmapGetCount;
import static org.bytedeco.leptonica.global.leptonica.setMsgSeverity;

import com.sun.jna.Memory;
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
 * Reads pixels with Leptonica, that is, with libjpeg-turbo, libpng, libwebp and libtiff. Not
 * thread-safe: its buffers are reused.
 */
final class LeptonicaReader implements PixelReader {
  private static final VarHandle FOUR_BYTES =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  /** Words copied from native memory at a time. */
  private static final int STRIP = 8192;

  /** A file up to this long is copied to memory that is kept. */
  private static final int SMALL_FILE = 1 << 20;

  /** The segment that says that a JPEG's inks are coded as Adobe's programs do, and not as YCCK. */
  private static final byte[] ADOBE = {
    (byte) 0xFF, (byte) 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0
  };

  private final ByteBuffer smallFile = ByteBuffer.allocateDirect(SMALL_FILE);
  private final int[] strip = new int[STRIP];
  private final int[] palette = new int[256];
  private final byte[] entries = new byte[4 * palette.length];

  /** Returns whether the library is there for this platform, and makes it silent. */
  static boolean canBeLoaded() {
    try {
      setMsgSeverity(L_SEVERITY_NONE);
      return true;
    } catch (LinkageError e) {
      return false;
    }
  }

  static String library() {
    BytePointer version = getLeptonicaVersion();
    try {
      return version.getString().replace("leptonica-", "Leptonica ");
    } finally {
      lept_free(version);
    }
  }

  @Override
  public RgbImage read(ImageHeader header, HeaderBytes bytes, byte[] encoded, PixelBuffer buffer)
      throws RejectedImageException {
    if (header.format() == ImageFormat.JPEG) {
      JpegFrame frame = JpegFrame.of(bytes);
      boolean inks = frame.colors() == 4 && !frame.adobe();
      byte[] file = inks ? withAdobe(encoded) : encoded;
      return readPixels(header, bytes, file, frame.reduction(), buffer);
    }
    boolean png = header.format() == ImageFormat.PNG;
    byte[] file = png ? PlainPng.opaque(bytes, encoded) : encoded;
    return readPixels(header, bytes, file, 1, buffer);
  }

  /** Makes Leptonica take 255 for none of an ink, as PIL always does. */
  private static byte[] withAdobe(byte[] jpeg) {
    return ByteBuffer.allocate(jpeg.length + ADOBE.length)
        .put(jpeg, 0, 2)
        .put(ADOBE)
        .put(jpeg, 2, jpeg.length - 2)
        .array();
  }

  private RgbImage readPixels(
      ImageHeader header, HeaderBytes bytes, byte[] encoded, int reduction, PixelBuffer buffer)
      throws RejectedImageException {
    // Freed at once: the garbage collector does not see native memory. JavaCPP would not allocate
    // while the process has more memory than four heaps, which libtorch's tensors soon have.
    try (Memory large = encoded.length > SMALL_FILE ? new Memory(encoded.length) : null) {
      // Outside the heap: JavaCPP would copy an array of the heap, which is slow for small files.
      ByteBuffer file = large == null ? smallFile.clear() : large.getByteBuffer(0, encoded.length);
      PIX pix = read(header.format(), file.put(encoded).flip(), reduction);
      if (pix == null && header.format() == ImageFormat.JPEG) {
        return ImageIoReader.readJpeg(bytes, encoded, buffer); // tells what libjpeg warned of
      }
      if (pix == null) {
        throw bytes.truncated(
            "its %d x %d pixels cannot all be read".formatted(header.width(), header.height()));
      }
      try {
        return toRgb(pix, bytes, buffer);
      } finally {
        pixDestroy(pix);
      }
    }
  }

  private static @Nullable PIX read(ImageFormat format, ByteBuffer file, int reduction) {
    return switch (format) {
      // Without a hint, Leptonica returns nothing if libjpeg warns of bad data.
      case JPEG -> pixReadMemJpeg(file, file.limit(), 0, reduction, (IntBuffer) null, 0);
      case PNG -> pixReadMemPng(file, file.limit());
      case WEBP -> pixReadMemWebP(file, file.limit());
      case TIFF -> pixReadMemTiff(file, file.limit(), 0);
      default -> throw new AssertionError(format);
    };
  }

  private RgbImage toRgb(PIX pix, HeaderBytes bytes, PixelBuffer buffer)
      throws RejectedImageException {
    int width = pixGetWidth(pix);
    int height = pixGetHeight(pix);
    ImageDecoder.checkSize(width, height);
    int depth = pixGetDepth(pix);
    if (Integer.bitCount(depth) != 1 || depth > 32) {
      throw bytes.unsupported("%d bits per pixel".formatted(depth));
    }
    if (depth <= 8) {
      setPalette(pix, depth);
    }
    byte[] pixels = buffer.forSize(width, height);
    int wordsPerRow = pixGetWpl(pix);
    IntPointer data = pixGetData(pix);
    int rowsPerStrip = Math.max(1, STRIP / wordsPerRow);
    for (int top = 0; top < height; top += rowsPerStrip) {
      int rows = Math.min(rowsPerStrip, height - top);
      // A row that is longer than a strip comes alone, in parts.
      for (int word = 0; word < wordsPerRow; word += STRIP) {
        int words = Math.min(STRIP, rows * wordsPerRow - word);
        data.position((long) top * wordsPerRow + word).get(strip, 0, words);
        int left = word * (32 / depth);
        int count = Math.min(width - left, words * (32 / depth));
        for (int y = 0; y < rows; y++) {
          int to = ((top + y) * width + left) * 3;
          if (depth == 32) {
            write(strip, y * wordsPerRow, count, pixels, to);
          } else if (depth == 16) {
            writeGray16(strip, y * wordsPerRow, count, pixels, to);
          } else {
            lookUp(strip, y * wordsPerRow, depth, palette, count, pixels, to);
          }
        }
      }
    }
    return new RgbImage(width, height, pixels);
  }

  /**
   * Sets the color 0xRRGGBB.. of each value of a pixel. Without a palette the values are grays; of
   * 1 bit, 0 is white.
   */
  private void setPalette(PIX pix, int depth) {
    int values = 1 << depth;
    PIXCMAP map = pixGetColormap(pix);
    if (map == null) {
      for (int i = 0; i < values; i++) {
        int gray = 255 * i / (values - 1);
        palette[i] = (depth == 1 ? 255 - gray : gray) * 0x01010100;
      }
      return;
    }
    int colors = Math.min(values, pixcmapGetCount(map));
    new BytePointer(map.array()).get(entries, 0, 4 * colors);
    for (int i = 0; i < values; i++) {
      int blue = entries[4 * i] & 0xFF;
      int green = entries[4 * i + 1] & 0xFF;
      int red = entries[4 * i + 2] & 0xFF;
      // A value without a color is black.
      palette[i] = i < colors ? (red << 24) | (green << 16) | (blue << 8) : 0;
    }
  }

  /** Pixels of up to 16 bits lie in a word from its highest bits down. */
  private static void lookUp(
      int[] words, int from, int depth, int[] palette, int count, byte[] pixels, int to) {
    int p = to;
    for (int x = 0; x < count; x++) {
      int bit = x * depth;
      int color = palette[(words[from + (bit >> 5)] << (bit & 31)) >>> (32 - depth)];
      FOUR_BYTES.set(pixels, p, color);
      p += 3;
    }
  }

  private static void writeGray16(int[] words, int from, int count, byte[] pixels, int to) {
    for (int x = 0; x < count; x++) {
      int gray = (words[from + (x >> 1)] << ((x & 1) * 16)) >>> 24;
      FOUR_BYTES.set(pixels, to + 3 * x, gray * 0x01010100);
    }
  }

  /** Writes each color 0xRRGGBB.. as four bytes; the next color overwrites the fourth. */
  private static void write(int[] colors, int from, int count, byte[] pixels, int to) {
    int p = to;
    for (int x = 0; x < count; x++) {
      FOUR_BYTES.set(pixels, p, colors[from + x]);
      p += 3;
    }
  }
}
