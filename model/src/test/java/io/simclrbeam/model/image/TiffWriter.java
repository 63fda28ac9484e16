package io.simclrbeam.model.image;

import static java.util.Objects.requireNonNull;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DeflaterOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/**
 * Writes TIFF files of every layout, sample by sample. A sample is given as its bits.
 *
 * @param width in pixels
 * @param height in pixels
 * @param bits of a sample
 * @param photometric what samples mean
 * @param tags other tags, whose values are 16 bits each if they fit, and 32 if they do not
 */
record TiffWriter(
    int width, int height, int samples, int bits, int photometric, Map<Integer, long[]> tags) {
  static final int NONE = 1;
  static final int LZW = 5;
  static final int DEFLATE = 8;
  static final int PACK_BITS = 32773;
  static final int LZMA = 34925;
  static final int ZSTD = 50000;

  /**
   * How samples are stored.
   *
   * @param compression the number of tag 259; negative for LZW as old programs wrote it
   * @param predictor the number of tag 317
   * @param rows of a strip or tile
   * @param tileWidth in pixels; 0 for strips
   */
  record Layout(
      int compression,
      int predictor,
      int rows,
      int tileWidth,
      boolean planes,
      boolean little,
      boolean big,
      boolean mirrored) {}

  /** Returns the file. */
  byte[] write(long[] values, Layout layout) throws IOException {
    List<byte[]> parts = new ArrayList<>();
    int partWidth = layout.tileWidth > 0 ? layout.tileWidth : width;
    for (int plane = 0; plane < (layout.planes ? samples : 1); plane++) {
      for (int top = 0; top < height; top += layout.rows) {
        for (int left = 0; left < width; left += partWidth) {
          parts.add(compressed(part(values, layout, plane, top, left, partWidth), layout));
        }
      }
    }
    int start = layout.big ? 16 : 8;
    long[] offsets = new long[parts.size()];
    long[] counts = new long[parts.size()];
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = (long) start + body.size();
      counts[i] = parts.get(i).length;
      body.writeBytes(parts.get(i));
    }
    if (body.size() % 2 > 0) {
      body.write(0);
    }
    Map<Integer, long[]> all = new TreeMap<>(tags);
    all.put(256, new long[] {width});
    all.put(257, new long[] {height});
    long[] sizes = new long[samples];
    Arrays.fill(sizes, bits);
    all.put(258, sizes);
    all.put(259, new long[] {Math.abs(layout.compression)});
    all.put(262, new long[] {photometric});
    all.put(266, new long[] {layout.mirrored ? 2 : 1});
    all.put(277, new long[] {samples});
    all.put(284, new long[] {layout.planes ? 2 : 1});
    all.put(317, new long[] {layout.predictor});
    if (layout.tileWidth > 0) {
      all.put(322, new long[] {layout.tileWidth});
      all.put(323, new long[] {layout.rows});
      all.put(324, offsets);
      all.put(325, counts);
    } else {
      all.put(273, offsets);
      all.put(278, new long[] {layout.rows});
      all.put(279, counts);
    }
    return file(body.toByteArray(), all, layout);
  }

  private static byte[] file(byte[] body, Map<Integer, long[]> tags, Layout layout) {
    ByteBuffer file =
        ByteBuffer.allocate(100_000 + 2 * body.length)
            .order(layout.little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    file.put((byte) (layout.little ? 'I' : 'M')).put((byte) (layout.little ? 'I' : 'M'));
    int directory = (layout.big ? 16 : 8) + body.length;
    if (layout.big) {
      file.putShort((short) 43).putShort((short) 8).putShort((short) 0).putLong(directory);
    } else {
      file.putShort((short) 42).putInt(directory);
    }
    file.put(body);
    int entry = layout.big ? 20 : 12;
    int values = directory + (layout.big ? 8 + 8 : 2 + 4) + entry * tags.size();
    if (layout.big) {
      file.putLong(tags.size());
    } else {
      file.putShort((short) tags.size());
    }
    for (Map.Entry<Integer, long[]> tag : tags.entrySet()) {
      boolean isShort = Arrays.stream(tag.getValue()).allMatch(v -> v < 65_536);
      int size = isShort ? 2 : 4;
      int length = size * tag.getValue().length;
      file.putShort(tag.getKey().shortValue()).putShort((short) (isShort ? 3 : 4));
      if (layout.big) {
        file.putLong(tag.getValue().length);
      } else {
        file.putInt(tag.getValue().length);
      }
      int room = layout.big ? 8 : 4;
      int next = file.position() + room;
      if (length > room) {
        if (layout.big) {
          file.putLong(values);
        } else {
          file.putInt(values);
        }
        file.position(values);
        values += length + length % 2;
      }
      for (long value : tag.getValue()) {
        if (isShort) {
          file.putShort((short) value);
        } else {
          file.putInt((int) value);
        }
      }
      file.position(next);
    }
    return Arrays.copyOf(file.array(), values);
  }

  /** Returns the rows of a strip or tile; beyond the picture there is noise. */
  private byte[] part(long[] values, Layout layout, int plane, int top, int left, int partWidth) {
    int rows = layout.tileWidth > 0 ? layout.rows : Math.min(layout.rows, height - top);
    int step = layout.planes ? 1 : samples;
    ByteArrayOutputStream part = new ByteArrayOutputStream();
    for (int y = top; y < top + rows; y++) {
      long[] row = new long[partWidth * step];
      for (int x = 0; x < partWidth; x++) {
        for (int s = 0; s < step; s++) {
          boolean inside = y < height && left + x < width;
          int at = inside ? (y * width + left + x) * samples + plane + s : 0;
          row[x * step + s] =
              inside ? values[at] : 31L * x * y & (bits == 64 ? -1 : (1L << bits) - 1);
        }
      }
      part.writeBytes(layout.predictor == 3 ? planed(row, step) : packed(row, step, layout));
    }
    return part.toByteArray();
  }

  private byte[] packed(long[] row, int step, Layout layout) {
    if (layout.predictor == 2) {
      for (int i = row.length - 1; i >= step; i--) {
        row[i] = (row[i] - row[i - step]) & ((1L << bits) - 1);
      }
    }
    byte[] packed = new byte[(row.length * bits + 7) / 8];
    for (int i = 0; i < row.length; i++) {
      for (int b = 0; b < bits; b++) {
        boolean bytes = layout.little && bits % 8 == 0;
        // Of whole bytes the lowest comes first if numbers do; smaller samples do not care.
        int place = bytes ? (bits / 8 - 1 - b / 8) * 8 + b % 8 : b;
        if ((row[i] >> (bits - 1 - b) & 1) > 0) {
          packed[(i * bits + place) / 8] |= (byte) (0x80 >> ((i * bits + place) % 8));
        }
      }
    }
    return packed;
  }

  /** The floating-point predictor: bytes by their place in a number, then differences. */
  private byte[] planed(long[] row, int step) {
    int size = bits / 8;
    byte[] planed = new byte[row.length * size];
    for (int i = 0; i < row.length; i++) {
      for (int b = 0; b < size; b++) {
        planed[b * row.length + i] = (byte) (row[i] >> (8 * (size - 1 - b)));
      }
    }
    for (int i = planed.length - 1; i >= step; i--) {
      planed[i] -= planed[i - step];
    }
    return planed;
  }

  private static byte[] compressed(byte[] part, Layout layout) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    switch (layout.compression) {
      case NONE -> out.writeBytes(part);
      case LZW -> lzw(part, out, false);
      case -LZW -> lzw(part, out, true);
      case DEFLATE -> {
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(out)) {
          deflater.write(part);
        }
      }
      case PACK_BITS -> packBits(part, out);
      case LZMA -> {
        try (XZOutputStream xz = new XZOutputStream(out, new LZMA2Options(0))) {
          xz.write(part);
        }
      }
      case ZSTD -> out.writeBytes(Zstd.compress(part));
      default -> throw new AssertionError(layout);
    }
    byte[] bytes = out.toByteArray();
    if (layout.mirrored) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (Integer.reverse(bytes[i]) >>> 24);
      }
    }
    return bytes;
  }

  private static void packBits(byte[] part, ByteArrayOutputStream out) {
    for (int i = 0; i < part.length; ) {
      int run = 1;
      while (i + run < part.length && run < 128 && part[i + run] == part[i]) {
        run++;
      }
      out.write(run == 1 ? 0 : 257 - run);
      out.write(part[i]);
      i += run;
    }
  }

  private static void lzw(byte[] part, ByteArrayOutputStream out, boolean old) {
    StringBuilder bits = new StringBuilder();
    Map<String, Integer> codes = new HashMap<>();
    int next = restart(codes);
    int size = 9;
    append(bits, 256, size, old);
    String string = "";
    for (byte value : part) {
      String longer = string + (char) (value & 0xFF);
      if (codes.containsKey(longer)) {
        string = longer;
        continue;
      }
      append(bits, requireNonNull(codes.get(string)), size, old);
      codes.put(longer, next++);
      string = longer.substring(longer.length() - 1);
      if (next == (1 << size) + (old ? 1 : 0)) {
        size++;
      }
      if (next == 4094) {
        append(bits, 256, size, old);
        next = restart(codes);
        size = 9;
      }
    }
    append(bits, requireNonNull(codes.get(string)), size, old);
    // The reader adds a code for this one, too.
    append(bits, 257, next + 1 == (1 << size) + (old ? 1 : 0) ? size + 1 : size, old);
    while (bits.length() % 8 > 0) {
      bits.append('0');
    }
    for (int i = 0; i < bits.length(); i += 8) {
      String eight = bits.substring(i, i + 8);
      out.write(Integer.parseInt(old ? new StringBuilder(eight).reverse().toString() : eight, 2));
    }
  }

  private static int restart(Map<String, Integer> codes) {
    codes.clear();
    for (int i = 0; i < 256; i++) {
      codes.put(String.valueOf((char) i), i);
    }
    return 258;
  }

  private static void append(StringBuilder bits, int code, int size, boolean old) {
    for (int b = 0; b < size; b++) {
      bits.append((code >> (old ? b : size - 1 - b)) & 1);
    }
  }
}
