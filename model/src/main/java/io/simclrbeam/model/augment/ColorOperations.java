package io.simclrbeam.model.augment;

import java.util.Arrays;

/**
 * The pixel-wise operations of PIL's {@code ImageEnhance}, in place. Not thread-safe: the scratch
 * is reused.
 */
final class ColorOperations {
  private static final int FACTOR_BITS = 20;

  private final int[] levels = new int[256];
  private final int[] wholeLevels = new int[256];
  private int[] lumas = new int[0];

  /** Multiplies by a factor: torchvision's {@code adjust_brightness}. */
  void brightness(Planes planes, double factor) {
    blendWithLevel(planes, 0, factor);
  }

  /** Scales differences from the mean luma: torchvision's {@code adjust_contrast}. */
  void contrast(Planes planes, double factor) {
    long count = planes.red.length;
    int mean = (int) ((2 * lumaSum(planes) + count) / (2 * count));
    blendWithLevel(planes, mean, factor);
  }

  /** Scales differences from each pixel's luma: torchvision's {@code adjust_saturation}. */
  void saturation(Planes planes, double factor) {
    int count = planes.red.length;
    if (lumas.length < count) {
      lumas = new int[count];
    }
    luma(planes.red, planes.green, planes.blue, lumas, count);
    int scaled = (int) Math.rint(factor * (1 << FACTOR_BITS));
    blendWithLuma(planes.red, lumas, scaled, count);
    blendWithLuma(planes.green, lumas, scaled, count);
    blendWithLuma(planes.blue, lumas, scaled, count);
  }

  /** Sets all three colours to the luma: PIL's {@code convert("L")}, ITU-R 601-2. */
  void grayscale(Planes planes) {
    luma(planes.red, planes.green, planes.blue, planes.red, planes.red.length);
    System.arraycopy(planes.red, 0, planes.green, 0, planes.red.length);
    System.arraycopy(planes.red, 0, planes.blue, 0, planes.red.length);
  }

  /**
   * PIL's {@code Image.blend} of a plain picture and this one. What its float arithmetic makes of
   * the 256 levels decides; whole numbers, which are faster, nearly always give the same.
   */
  private void blendWithLevel(Planes planes, int level, double factor) {
    float alpha = (float) factor;
    for (int i = 0; i < levels.length; i++) {
      int blended = (int) (level + alpha * (i - level));
      levels[i] = Math.max(0, Math.min(255, blended));
      wholeLevels[i] = i;
    }
    int scaled = (int) Math.rint(factor * (1 << FACTOR_BITS));
    blendWithLevel(wholeLevels, level, scaled);
    if (Arrays.equals(levels, wholeLevels)) {
      blendWithLevel(planes.red, level, scaled);
      blendWithLevel(planes.green, level, scaled);
      blendWithLevel(planes.blue, level, scaled);
    } else {
      lookUp(planes.red, levels);
      lookUp(planes.green, levels);
      lookUp(planes.blue, levels);
    }
  }

  private static void blendWithLevel(int[] plane, int level, int factor) {
    for (int i = 0; i < plane.length; i++) {
      int blended = level + ((factor * (plane[i] - level)) >> FACTOR_BITS);
      blended &= ~(blended >> 31);
      int below = 255 - blended;
      plane[i] = 255 - (below & ~(below >> 31));
    }
  }

  private static void lookUp(int[] plane, int[] levels) {
    for (int i = 0; i < plane.length; i++) {
      plane[i] = levels[plane[i]];
    }
  }

  private static long lumaSum(Planes planes) {
    int[] red = planes.red;
    int[] green = planes.green;
    int[] blue = planes.blue;
    int sum = 0;
    for (int i = 0; i < red.length; i++) {
      sum += (red[i] * 19595 + green[i] * 38470 + blue[i] * 7471 + 0x8000) >> 16;
    }
    return Integer.toUnsignedLong(sum);
  }

  private static void luma(int[] red, int[] green, int[] blue, int[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = (red[i] * 19595 + green[i] * 38470 + blue[i] * 7471 + 0x8000) >> 16;
    }
  }

  private static void blendWithLuma(int[] plane, int[] lumas, int factor, int count) {
    for (int i = 0; i < count; i++) {
      int level = lumas[i] + ((factor * (plane[i] - lumas[i])) >> FACTOR_BITS);
      level &= ~(level >> 31);
      int below = 255 - level;
      plane[i] = 255 - (below & ~(below >> 31));
    }
  }
}
