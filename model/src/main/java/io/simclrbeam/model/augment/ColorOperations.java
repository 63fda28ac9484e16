package io.simclrbeam.model.augment;

import java.util.Arrays;

/**
 * The pixel-wise operations of PIL's {@code ImageEnhance}, in place. Not thread-safe: the scratch
 * is reused.
 */
final class ColorOperations {
  private static final int LEVELS = 256;
  private static final int FACTOR_BITS = 20;
  private static final int FRACTION = (1 << FACTOR_BITS) - 1;

  /** 2^-12 as a fraction. */
  private static final int MARGIN = 1 << (FACTOR_BITS - 12);

  private final int[] levels = new int[LEVELS];
  private final int[] wholeLevels = new int[LEVELS];
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
    int scaled = (int) Math.rint(factor * (1 << FACTOR_BITS));
    if (isSurelySame(level, scaled) || isSame(level, scaled, (float) factor)) {
      blendWithLevel(planes.red, level, scaled);
      blendWithLevel(planes.green, level, scaled);
      blendWithLevel(planes.blue, level, scaled);
    } else {
      lookUp(planes.red, levels);
      lookUp(planes.green, levels);
      lookUp(planes.blue, levels);
    }
  }

  /**
   * Returns whether every product is so far from a whole number that rounding, whose error is below
   * 2^-12, cannot take it to the other side. A product of 0 is exact.
   */
  private static boolean isSurelySame(int level, int factor) {
    // Without the level itself: its product is 0.
    return countNear(-level, 0, factor) + countNear(1, LEVELS - level, factor) == 0;
  }

  /** Counts the differences whose product is near a whole number, below or above. */
  private static int countNear(int from, int to, int factor) {
    int near = 0;
    for (int difference = from; difference < to; difference++) {
      int fraction = (factor * difference) & FRACTION;
      near += (Math.min(fraction, FRACTION + 1 - fraction) - MARGIN) >>> 31;
    }
    return near;
  }

  private boolean isSame(int level, int scaled, float factor) {
    for (int i = 0; i < levels.length; i++) {
      int blended = (int) (level + factor * (i - level));
      levels[i] = Math.max(0, Math.min(255, blended));
      wholeLevels[i] = i;
    }
    blendWithLevel(wholeLevels, level, scaled);
    return Arrays.equals(levels, wholeLevels);
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
