package io.simclrbeam.model.augment;

import java.util.Arrays;

/**
 * The pixel-wise operations of PIL's {@code ImageEnhance}, in place. Not thread-safe: the scratch
 * is reused.
 */
final class ColorOperations {
  private static final int LEVELS = 256;
  private static final int FACTOR_BITS = 20;
  private static final int ONE = 1 << FACTOR_BITS;

  /** 2^-12 as a fraction. */
  private static final int MARGIN = 1 << (FACTOR_BITS - 12);

  /** Up to this factor, products with differences of levels fit into an int. */
  private static final double LARGEST_WHOLE = 8;

  /** From this factor on, every difference of levels ends at black or white. */
  private static final double LARGEST = LEVELS;

  private final int[] levels = new int[LEVELS];
  private final int[] wholeLevels = new int[LEVELS];

  /** Multiplies by a factor: torchvision's {@code adjust_brightness}. */
  void brightness(Planes planes, double factor) {
    blendWithLevel(planes, 0, factor);
  }

  /** Scales differences from the mean luma: torchvision's {@code adjust_contrast}. */
  void contrast(Planes planes, double factor) {
    long count = planes.count;
    int mean = (int) ((2 * lumaSum(planes) + count) / (2 * count));
    blendWithLevel(planes, mean, factor);
  }

  /** Scales differences from each pixel's luma: torchvision's {@code adjust_saturation}. */
  void saturation(Planes planes, double factor) {
    int count = planes.count;
    int[] lumas = planes.scratch;
    luma(planes.red, planes.green, planes.blue, lumas, count);
    if (factor > LARGEST_WHOLE) {
      float limited = limited(factor);
      blendFar(planes.red, lumas, limited, count);
      blendFar(planes.green, lumas, limited, count);
      blendFar(planes.blue, lumas, limited, count);
      return;
    }
    int scaled = (int) Math.rint(factor * ONE);
    blendWithLuma(planes.red, lumas, scaled, count);
    blendWithLuma(planes.green, lumas, scaled, count);
    blendWithLuma(planes.blue, lumas, scaled, count);
  }

  /** Sets all three colors to the luma: PIL's {@code convert("L")}, ITU-R 601-2. */
  void grayscale(Planes planes) {
    int count = planes.count;
    luma(planes.red, planes.green, planes.blue, planes.red, count);
    System.arraycopy(planes.red, 0, planes.green, 0, count);
    System.arraycopy(planes.red, 0, planes.blue, 0, count);
  }

  /**
   * PIL's {@code Image.blend} of a plain picture and this one. PIL's float arithmetic decides what
   * becomes of the 256 levels. Integers are faster, and nearly always give the same.
   */
  private void blendWithLevel(Planes planes, int level, double factor) {
    boolean whole = factor <= LARGEST_WHOLE;
    int scaled = whole ? (int) Math.rint(factor * ONE) : 0;
    if (whole && (isSurelySame(level, scaled) || isSame(level, scaled, (float) factor))) {
      blendWithLevel(planes.red, level, scaled, planes.count);
      blendWithLevel(planes.green, level, scaled, planes.count);
      blendWithLevel(planes.blue, level, scaled, planes.count);
    } else {
      setLevels(level, limited(factor));
      lookUp(planes.red, levels, planes.count);
      lookUp(planes.green, levels, planes.count);
      lookUp(planes.blue, levels, planes.count);
    }
  }

  /**
   * Returns whether every product of the factor and a difference from the level is so far from a
   * whole number that rounding, whose error is below 2^-12, cannot take it to the other side. The
   * difference 0 does not count: its product is exact.
   *
   * <p>Of all multiples of a number, those by the denominators of its convergents come nearest to
   * whole numbers (the law of best approximation), so that Euclid's algorithm finds them.
   */
  private static boolean isSurelySame(int level, int factor) {
    int largestDifference = Math.max(level, LEVELS - 1 - level);
    int last = ONE;
    int distance = factor & (ONE - 1);
    int lastDenominator = 0;
    int denominator = 1;
    while (denominator <= largestDifference) {
      if (distance < MARGIN) {
        return false;
      }
      int quotient = last / distance;
      int remainder = last - quotient * distance;
      last = distance;
      distance = remainder;
      int next = quotient * denominator + lastDenominator;
      lastDenominator = denominator;
      denominator = next;
    }
    return true;
  }

  private boolean isSame(int level, int scaled, float factor) {
    setLevels(level, factor);
    for (int i = 0; i < LEVELS; i++) {
      wholeLevels[i] = i;
    }
    blendWithLevel(wholeLevels, level, scaled, LEVELS);
    return Arrays.equals(levels, wholeLevels);
  }

  private void setLevels(int level, float factor) {
    for (int i = 0; i < LEVELS; i++) {
      levels[i] = blend(level, i, factor);
    }
  }

  /** Returns the factor, or one below infinity with the same effect. */
  private static float limited(double factor) {
    return (float) Math.min(factor, LARGEST);
  }

  /** PIL's {@code Image.blend} of two levels. */
  private static int blend(int from, int to, float factor) {
    return Math.max(0, Math.min(255, (int) (from + factor * (to - from))));
  }

  /** {@link #blendWithLuma} for factors beyond its range. They are rare, so this may be slow. */
  private static void blendFar(int[] plane, int[] lumas, float factor, int count) {
    for (int i = 0; i < count; i++) {
      plane[i] = blend(lumas[i], plane[i], factor);
    }
  }

  private static void blendWithLevel(int[] plane, int level, int factor, int count) {
    for (int i = 0; i < count; i++) {
      int blended = level + ((factor * (plane[i] - level)) >> FACTOR_BITS);
      blended &= ~(blended >> 31);
      int below = 255 - blended;
      plane[i] = 255 - (below & ~(below >> 31));
    }
  }

  private static void lookUp(int[] plane, int[] levels, int count) {
    for (int i = 0; i < count; i++) {
      plane[i] = levels[plane[i]];
    }
  }

  private static long lumaSum(Planes planes) {
    int[] red = planes.red;
    int[] green = planes.green;
    int[] blue = planes.blue;
    int sum = 0;
    for (int i = 0; i < planes.count; i++) {
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
