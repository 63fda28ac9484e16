package io.simclrbeam.model.image;

import java.util.Arrays;

/**
 * Reads the first frame of GIF files, on its canvas. Where the frame leaves the canvas free, that
 * has the transparent color or, if there is none, the first of the palette, as PIL has it. Not
 * thread-safe: its tables are reused.
 */
final class GifReader {
  private static final int MAX_CODES = 4096;
  private static final int MAX_CODE_BITS = 12;

  /** The first row and the distance of rows of each pass of an interlaced frame. */
  private static final int[][] PASSES = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};

  private static final int[][] ONE_PASS = {{0, 1}};

  private final int[] palette = new int[256];
  private final short[] prefixes = new short[MAX_CODES];
  private final byte[] lasts = new byte[MAX_CODES];
  private final byte[] string = new byte[MAX_CODES];

  /**
   * Reads a file.
   *
   * @param buffer where the pixels of the result will be
   * @throws RejectedImageException TRUNCATED if the frame's pixels are not all there
   */
  RgbImage read(HeaderBytes bytes, PixelBuffer buffer) throws RejectedImageException {
    GifFrame frame = GifFrame.first(bytes);
    setPalette(frame, bytes);
    int width = frame.canvasWidth();
    int height = frame.canvasHeight();
    byte[] pixels = buffer.forSize(width, height);
    if (frame.width() < width || frame.height() < height) {
      int background = palette[Math.max(0, frame.transparent())];
      for (int p = 0; p < 3 * width * height; p += 3) {
        set(pixels, p, background);
      }
    }
    Codes codes = new Codes(bytes, frame.data());
    for (int[] pass : frame.interlaced() ? PASSES : ONE_PASS) {
      for (int y = pass[0]; y < frame.height(); y += pass[1]) {
        int to = 3 * ((frame.top() + y) * width + frame.left());
        for (int x = 0; x < frame.width(); x++) {
          set(pixels, to + 3 * x, palette[codes.nextPixel()]);
        }
      }
    }
    return new RgbImage(width, height, pixels);
  }

  /** Without a palette the values are grays. A value without a color is black. */
  private void setPalette(GifFrame frame, HeaderBytes bytes) throws RejectedImageException {
    Arrays.fill(palette, 0);
    for (int i = 0; i < frame.colors(); i++) {
      int at = frame.palette() + 3 * i;
      palette[i] = (bytes.uint16Big(at) << 8) | bytes.uint8(at + 2);
    }
    if (frame.colors() == 0) {
      Arrays.setAll(palette, SampleColor::gray);
    }
  }

  private static void set(byte[] pixels, int at, int color) {
    pixels[at] = (byte) (color >> 16);
    pixels[at + 1] = (byte) (color >> 8);
    pixels[at + 2] = (byte) color;
  }

  /** The coded pixels (GIF89a specification, appendix F), in blocks of up to 255 bytes. */
  private final class Codes {
    private final HeaderBytes bytes;
    private final int firstBits;
    private final int clear;
    private int at;
    private int blockEnd;
    private int bitBuffer;
    private int bitCount;
    private int bits;
    private int codes;
    private int previous = -1;
    private int stringLength;

    Codes(HeaderBytes bytes, int start) throws RejectedImageException {
      this.bytes = bytes;
      int valueBits = bytes.uint8(start);
      if (valueBits < 1 || valueBits > 8) {
        throw bytes.truncated("pixels of %d bits".formatted(valueBits));
      }
      at = start + 1;
      blockEnd = at;
      clear = 1 << valueBits;
      firstBits = valueBits + 1;
      for (int i = 0; i < clear; i++) {
        lasts[i] = (byte) i;
      }
      restart();
    }

    private void restart() {
      bits = firstBits;
      codes = clear + 2;
      previous = -1;
    }

    int nextPixel() throws RejectedImageException {
      if (stringLength == 0) {
        readString();
      }
      return string[--stringLength] & 0xFF;
    }

    /** Reads the pixels of the next code, last pixel first. */
    private void readString() throws RejectedImageException {
      int code = nextCode();
      while (code == clear) {
        restart();
        code = nextCode();
      }
      if (code == clear + 1 || code > codes || (code >= clear && previous < 0)) {
        throw bytes.truncated(
            code == clear + 1 ? "its data ends before its pixels" : "its data makes no sense");
      }
      int c = code;
      if (code == codes) { // the string that this code is about to define
        stringLength = 1;
        c = previous;
      }
      while (c >= clear) {
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
        if (codes == 1 << bits && bits < MAX_CODE_BITS) {
          bits++;
        }
      }
      previous = code;
    }

    private int nextCode() throws RejectedImageException {
      while (bitCount < bits) {
        if (at == blockEnd) {
          int length = bytes.uint8(at);
          if (length == 0) {
            throw bytes.truncated("its data ends before its pixels");
          }
          at++;
          blockEnd = at + length;
        }
        bitBuffer |= bytes.uint8(at++) << bitCount;
        bitCount += 8;
      }
      int code = bitBuffer & ((1 << bits) - 1);
      bitBuffer >>>= bits;
      bitCount -= bits;
      return code;
    }
  }
}
