package io.simclrbeam.model.augment;

/**
 * A picture being worked on: red, green and blue apart, each {@code [height, width]} row-major,
 * with values from 0 to 255.
 */
final class Planes {
  final int width;
  final int height;
  final int[] red;
  final int[] green;
  final int[] blue;

  Planes(int width, int height) {
    this.width = width;
    this.height = height;
    red = new int[width * height];
    green = new int[width * height];
    blue = new int[width * height];
  }

  /** Writes the pixels as uint8 {@code [height, width, 3]}. */
  void write(byte[] out, int offset) {
    int o = offset;
    for (int i = 0; i < red.length; i++) {
      out[o] = (byte) red[i];
      out[o + 1] = (byte) green[i];
      out[o + 2] = (byte) blue[i];
      o += 3;
    }
  }
}
