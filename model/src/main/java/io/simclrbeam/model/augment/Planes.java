package io.simclrbeam.model.augment;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A picture being worked on: red, green and blue apart, each {@code [height, width]} row-major,
 * with values from 0 to 255. The arrays may be longer than that.
 */
final class Planes {
  private static final VarHandle FOUR_BYTES =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  final int width;
  final int height;

  /** Number of pixels. */
  final int count;

  final int[] red;
  final int[] green;
  final int[] blue;

  /** For any operation on the pixels; its content does not outlive the operation. */
  final int[] scratch;

  Planes(int width, int height) {
    this.width = width;
    this.height = height;
    count = width * height;
    red = CacheLines.ofInts(count);
    green = CacheLines.ofInts(count);
    blue = CacheLines.ofInts(count);
    scratch = CacheLines.ofInts(count);
  }

  /**
   * Writes the pixels as uint8 {@code [height, width, 3]}. Each but the last is written as four
   * bytes; the next pixel overwrites the fourth.
   */
  void write(byte[] out, int offset) {
    int last = count - 1;
    pack(red, green, blue, scratch, count);
    int o = offset;
    for (int i = 0; i < last; i++) {
      FOUR_BYTES.set(out, o, scratch[i]);
      o += 3;
    }
    out[o] = (byte) red[last];
    out[o + 1] = (byte) green[last];
    out[o + 2] = (byte) blue[last];
  }

  private static void pack(int[] red, int[] green, int[] blue, int[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = red[i] | (green[i] << 8) | (blue[i] << 16);
    }
  }
}
