package io.simclrbeam.model.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * Reads the pixels of PNG files row by row (PNG specification, sections 7 and 9), for pictures that
 * must be reduced. The libraries, which read all others, are faster but hold all pixels.
 */
final class PngReader {
  private static final int HEADER = 16;
  private static final int BUFFER = 1 << 16;
  private static final int GRAY = 0;
  private static final int RGB = 2;
  private static final int PALETTE = 3;
  private static final int GRAY_ALPHA = 4;
  private static final int RGB_ALPHA = 6;

  private final HeaderBytes bytes;
  private final byte[] encoded;
  private final int bits;
  private final int type;
  private final int samples;

  /** The colors 0xRRGGBB of the values of a pixel; a value without a color is black. */
  private final int[] palette = new int[256];

  private final List<InputStream> data = new ArrayList<>();

  private PngReader(HeaderBytes bytes, byte[] encoded) throws RejectedImageException {
    this.bytes = bytes;
    this.encoded = encoded;
    bits = bytes.uint8(HEADER + 8);
    type = bytes.uint8(HEADER + 9);
    samples =
        switch (type) {
          case GRAY, PALETTE -> 1;
          case GRAY_ALPHA -> 2;
          case RGB -> 3;
          case RGB_ALPHA -> 4;
          default -> throw bytes.truncated("colors of type %d".formatted(type));
        };
    boolean possible =
        switch (bits) {
          case 1, 2, 4 -> type == GRAY || type == PALETTE;
          case 8 -> true;
          case 16 -> type != PALETTE;
          default -> false;
        };
    if (!possible) {
      throw bytes.truncated("colors of type %d with %d bits".formatted(type, bits));
    }
  }

  /**
   * Reads a file whose chunks are wholly there.
   *
   * @param reduction of width and height
   * @param buffer where the pixels of the result will be
   * @throws RejectedImageException TRUNCATED; TOO_LARGE if its rows are in no order
   */
  static RgbImage read(
      ImageHeader header, HeaderBytes bytes, byte[] encoded, int reduction, PixelBuffer buffer)
      throws RejectedImageException {
    if (bytes.uint8(HEADER + 12) != 0) {
      throw new RejectedImageException(
          RejectReason.TOO_LARGE,
          "%d x %d pixels are too many for an interlaced PNG, which cannot be reduced row by row; save it without interlacing"
              .formatted(header.width(), header.height()));
    }
    PngReader reader = new PngReader(bytes, encoded);
    reader.readChunks();
    BlockMeans means = new BlockMeans(header.width(), header.height(), reduction, 1, buffer);
    reader.readRows(header.width(), header.height(), means);
    return means.image();
  }

  private void readChunks() throws RejectedImageException {
    for (int i = 0; i < 1 << bits && bits <= 8; i++) {
      palette[i] = type == PALETTE ? 0 : SampleColor.gray(i * 255 / ((1 << bits) - 1));
    }
    Chunks chunks = Chunks.of(bytes);
    while (chunks.next()) {
      if (chunks.is("IHDR") || chunks.is("PLTE") || chunks.is("IDAT")) {
        PlainPng.checkSum(chunks, bytes, encoded);
      }
      if (chunks.is("PLTE") && type == PALETTE) {
        for (int i = 0; i < Math.min(256, chunks.length() / 3); i++) {
          int at = chunks.start() + 3 * i;
          palette[i] = (bytes.uint16Big(at) << 8) | bytes.uint8(at + 2);
        }
      }
      if (chunks.is("IDAT")) {
        data.add(new ByteArrayInputStream(encoded, chunks.start(), chunks.length()));
      }
    }
  }

  private void readRows(int width, int height, BlockMeans means) throws RejectedImageException {
    int step = Math.max(1, samples * bits / 8);
    // Before the first pixel, and above the first row, all is zero.
    int length = (int) (((long) width * samples * bits + 7) / 8);
    byte[] row = new byte[step + length];
    byte[] above = new byte[step + length];
    Inflater inflater = new Inflater();
    try (InputStream in =
        new InflaterInputStream(
            new SequenceInputStream(Collections.enumeration(data)), inflater, BUFFER)) {
      for (int y = 0; y < height; y++) {
        int filter = in.read();
        if (filter < 0 || in.readNBytes(row, step, length) < length) {
          throw bytes.truncated("its data ends before its pixels");
        }
        unfilter(filter, row, above, step);
        write(row, step, width, means.row(), means.at(0, y));
        means.take(0, y, width);
        means.complete(y + 1);
        byte[] free = above;
        above = row;
        row = free;
        Arrays.fill(row, 0, step, (byte) 0);
      }
      if (in.read() < 0 && !inflater.finished()) {
        throw bytes.truncated("its compressed data ends early");
      }
    } catch (IOException e) {
      throw bytes.truncated("its compressed data makes no sense: " + e.getMessage());
    } finally {
      inflater.end();
    }
  }

  private void unfilter(int filter, byte[] row, byte[] above, int step)
      throws RejectedImageException {
    switch (filter) {
      case 0 -> {}
      case 1 -> {
        for (int i = step; i < row.length; i++) {
          row[i] += row[i - step];
        }
      }
      case 2 -> {
        for (int i = step; i < row.length; i++) {
          row[i] += above[i];
        }
      }
      case 3 -> {
        for (int i = step; i < row.length; i++) {
          row[i] += (byte) (((row[i - step] & 0xFF) + (above[i] & 0xFF)) >> 1);
        }
      }
      case 4 -> {
        for (int i = step; i < row.length; i++) {
          row[i] += paeth(row[i - step] & 0xFF, above[i] & 0xFF, above[i - step] & 0xFF);
        }
      }
      default -> throw bytes.truncated("a row has filter %d".formatted(filter));
    }
  }

  private static byte paeth(int left, int above, int corner) {
    int toLeft = Math.abs(above - corner);
    int toAbove = Math.abs(left - corner);
    int toCorner = Math.abs(left + above - 2 * corner);
    return (byte)
        (toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner);
  }

  /** Writes a row as RGB. Of 16 bits the upper 8 count. */
  private void write(byte[] row, int from, int width, byte[] rgb, int to) {
    int size = bits == 16 ? 2 : 1;
    int step = samples * size;
    for (int x = 0, at = from; x < width; x++, at += step, to += 3) {
      if (samples >= 3) {
        rgb[to] = row[at];
        rgb[to + 1] = row[at + size];
        rgb[to + 2] = row[at + 2 * size];
      } else {
        int color =
            bits == 16
                ? SampleColor.gray(row[at] & 0xFF)
                : palette[samples == 2 ? row[at] & 0xFF : value(row, from, x)];
        rgb[to] = (byte) (color >> 16);
        rgb[to + 1] = (byte) (color >> 8);
        rgb[to + 2] = (byte) color;
      }
    }
  }

  private int value(byte[] row, int from, int x) {
    long bit = (long) x * bits;
    return (row[from + (int) (bit >> 3)] >> (8 - bits - (int) (bit & 7))) & ((1 << bits) - 1);
  }
}
