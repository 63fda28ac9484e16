package io.simclrbeam.model.image;

import java.util.Arrays;

/** Reads the pixels of BMP files. Alpha is dropped. Not thread-safe: its palette is reused. */
final class BmpReader {
  private static final int END_OF_ROW = 0;
  private static final int END = 1;
  private static final int MOVE = 2;

  /** The colors 0xRRGGBB of the values of a pixel; a value without a color is black. */
  private final int[] palette = new int[256];

  /**
   * Reads a file.
   *
   * @param reduction of width and height
   * @param buffer where the pixels of the result will be
   * @throws RejectedImageException TRUNCATED, or UNSUPPORTED_FORMAT; TOO_LARGE if runs must be
   *     reduced
   */
  RgbImage read(HeaderBytes bytes, byte[] encoded, int reduction, PixelBuffer buffer)
      throws RejectedImageException {
    BmpHeader header = BmpHeader.of(bytes);
    if (header.bits() <= 8) {
      setPalette(header, bytes);
    }
    return header.coding() == BmpHeader.Coding.RUNS
        ? readRuns(header, bytes, buffer)
        : readRows(header, bytes, encoded, reduction, buffer);
  }

  private void setPalette(BmpHeader header, HeaderBytes bytes) throws RejectedImageException {
    Arrays.fill(palette, 0);
    for (int i = 0; i < header.colors(); i++) {
      int at = header.palette() + i * header.bytesPerColor();
      palette[i] = (bytes.uint8(at + 2) << 16) | bytes.uint16Little(at);
    }
  }

  private RgbImage readRows(
      BmpHeader header, HeaderBytes bytes, byte[] encoded, int reduction, PixelBuffer buffer)
      throws RejectedImageException {
    int width = header.width();
    int height = (int) header.height();
    long rowBytes = ((long) width * header.bits() + 31) / 32 * 4;
    long end = header.pixels() + rowBytes * (height - 1) + ((long) width * header.bits() + 7) / 8;
    if (end > bytes.length()) {
      throw bytes.truncated("its pixels go on to byte %,d".formatted(end));
    }
    Field[] fields = header.bits() == 16 || header.bits() == 32 ? fields(header, bytes) : null;
    BlockMeans means = new BlockMeans(width, height, reduction, 1, buffer);
    byte[] pixels = means.row();
    for (int y = 0; y < height; y++) {
      int from = header.pixels() + (int) (rowBytes * (header.topDown() ? y : height - 1 - y));
      int to = means.at(0, y);
      if (fields != null) {
        readFields(encoded, from, header.bits() / 8, fields, pixels, to, width);
      } else if (header.bits() == 24) {
        for (int p = to; p < to + 3 * width; p += 3) {
          pixels[p] = encoded[from + 2];
          pixels[p + 1] = encoded[from + 1];
          pixels[p + 2] = encoded[from];
          from += 3;
        }
      } else {
        readIndices(encoded, from, header.bits(), pixels, to, width);
      }
      means.take(0, y, width);
      means.complete(y + 1);
    }
    return means.image();
  }

  private void readIndices(byte[] from, int at, int bits, byte[] pixels, int to, int width) {
    int mask = (1 << bits) - 1;
    for (int x = 0; x < width; x++) {
      int bit = x * bits;
      int value = (from[at + (bit >> 3)] >> (8 - bits - (bit & 7))) & mask;
      set(pixels, to + 3 * x, palette[value]);
    }
  }

  private static void readFields(
      byte[] from, int at, int bytesPerPixel, Field[] fields, byte[] pixels, int to, int width) {
    for (int x = 0; x < width; x++) {
      int value = 0;
      for (int i = bytesPerPixel - 1; i >= 0; i--) {
        value = (value << 8) | (from[at + i] & 0xFF);
      }
      at += bytesPerPixel;
      for (int c = 0; c < 3; c++) {
        pixels[to++] = fields[c].level(value);
      }
    }
  }

  /** The bits of a color in a pixel. */
  private record Field(int mask, int shift, long most) {
    static Field of(int mask) {
      int shift = mask == 0 ? 0 : Integer.numberOfTrailingZeros(mask);
      return new Field(mask, shift, Math.max(1, Integer.toUnsignedLong(mask >>> shift)));
    }

    byte level(int pixel) {
      long value = Integer.toUnsignedLong((pixel & mask) >>> shift);
      return (byte) (most == 255 ? value : value * 255 / most);
    }
  }

  private static Field[] fields(BmpHeader header, HeaderBytes bytes) throws RejectedImageException {
    if (header.coding() == BmpHeader.Coding.PLAIN) {
      return header.bits() == 16
          ? new Field[] {Field.of(0x7C00), Field.of(0x3E0), Field.of(0x1F)}
          : new Field[] {Field.of(0xFF0000), Field.of(0xFF00), Field.of(0xFF)};
    }
    Field[] fields = new Field[3];
    int all = 0;
    for (int c = 0; c < 3; c++) {
      fields[c] = Field.of(bytes.int32Little(BmpHeader.MASKS + 4 * c));
      all |= fields[c].mask;
    }
    if (all == 0) {
      throw bytes.truncated("no bits of a pixel are a color");
    }
    return fields;
  }

  /** What the runs leave out has the first color of the palette, as PIL has it. */
  private RgbImage readRuns(BmpHeader header, HeaderBytes bytes, PixelBuffer buffer)
      throws RejectedImageException {
    int width = header.width();
    int height = (int) header.height();
    int bits = header.bits();
    ImageDecoder.checkSize(width, height);
    byte[] pixels = buffer.forSize(width, height);
    int background = bits == 24 ? 0 : palette[0];
    for (int p = 0; p < 3 * width * height; p += 3) {
      set(pixels, p, background);
    }
    int at = header.pixels();
    int x = 0;
    int y = 0;
    while (y < height && (y < height - 1 || x < width)) {
      int count = bytes.uint8(at);
      int from = at + 1;
      boolean run = count > 0;
      if (!run) {
        int command = bytes.uint8(at + 1);
        at += 2;
        switch (command) {
          case END_OF_ROW -> {
            x = 0;
            y++;
            continue;
          }
          case END -> {
            return new RgbImage(width, height, pixels);
          }
          case MOVE -> {
            x += bytes.uint8(at);
            y += bytes.uint8(at + 1);
            at += 2;
            continue;
          }
          default -> {
            count = command;
            from = at;
            at += (count * bits + 15) / 16 * 2;
          }
        }
      } else {
        at += bits == 24 ? 4 : 2;
      }
      int row = header.topDown() ? y : height - 1 - y;
      for (int i = 0; i < count; i++, x++) {
        int color = color(bytes, from, bits, run ? i & 1 : i, run);
        if (x < width) {
          set(pixels, 3 * (row * width + x), color);
        }
      }
    }
    return new RgbImage(width, height, pixels);
  }

  /** Returns the color of a pixel of a part; runs of 4 bits alternate between two. */
  private int color(HeaderBytes bytes, int from, int bits, int index, boolean run)
      throws RejectedImageException {
    return switch (bits) {
      case 24 -> {
        int at = from + (run ? 0 : 3 * index);
        yield (bytes.uint8(at + 2) << 16) | bytes.uint16Little(at);
      }
      case 8 -> palette[bytes.uint8(from + (run ? 0 : index))];
      default -> palette[(bytes.uint8(from + index / 2) >> ((index & 1) == 0 ? 4 : 0)) & 0xF];
    };
  }

  private static void set(byte[] pixels, int at, int color) {
    pixels[at] = (byte) (color >> 16);
    pixels[at + 1] = (byte) (color >> 8);
    pixels[at + 2] = (byte) color;
  }
}
