package io.simclrbeam.model.image;

import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;

/** What the samples of a pixel mean. */
interface SampleColor {
  /** Returns the color 0xRRGGBB of the pixel whose samples start at {@code at}. */
  int rgb(int[] samples, int at);

  /** Returns the meaning that a color model gives, without alpha and color profile. */
  static SampleColor of(ColorModel model) {
    if (model instanceof IndexColorModel palette) {
      // A value without a color is black.
      int[] colors = new int[1 << palette.getPixelSize()];
      palette.getRGBs(colors);
      return (samples, at) -> colors[samples[at]] & 0xFFFFFF;
    }
    if (model.getNumColorComponents() == 1) {
      int bits = model.getComponentSize(0);
      return (samples, at) -> gray(level(samples[at], bits));
    }
    int red = model.getComponentSize(0);
    int green = model.getComponentSize(1);
    int blue = model.getComponentSize(2);
    return (samples, at) ->
        (level(samples[at], red) << 16)
            | (level(samples[at + 1], green) << 8)
            | level(samples[at + 2], blue);
  }

  /** Returns a gray of a level from 0 to 255 as a color. */
  static int gray(int level) {
    return level * 0x010101;
  }

  /** Returns the color of 8-bit CMYK, 255 being all of an ink: PIL's {@code cmyk2rgb}. */
  static int cmyk(int cyan, int magenta, int yellow, int black) {
    int light = 255 - black;
    return (lit(light, cyan) << 16) | (lit(light, magenta) << 8) | lit(light, yellow);
  }

  private static int lit(int light, int ink) {
    int product = light * ink + 128;
    return light - (((product >> 8) + product) >> 8);
  }

  private static int level(int sample, int bits) {
    return bits >= 8 ? sample >> (bits - 8) : sample * 255 / ((1 << bits) - 1);
  }
}
