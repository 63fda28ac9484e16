package io.simclrbeam.model.augment;

/**
 * The pixel-wise operations of PIL's {@code ImageEnhance}, in place. Not thread-safe: the scratch
 * is reused.
 */
final class ColorOperations {
  private static final int FACTOR_BITS = 20;

  private final int[] levels = new int[256];

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
    int scaled = (int) Math.rint(factor * (1 << FACTOR_BITS));
    saturate(planes.red, planes.green, planes.blue, scaled, planes.red.length);
  }

  /** Sets all three colours to the luma: PIL's {@code convert("L")}, ITU-R 601-2. */
  void grayscale(Planes planes) {
    toLuma(planes.red, planes.green, planes.blue, planes.red.length);
    System.arraycopy(planes.red, 0, planes.green, 0, planes.red.length);
    System.arraycopy(planes.red, 0, planes.blue, 0, planes.red.length);
  }

  /** PIL's {@code Image.blend} of a plain picture and this one, in its float arithmetic. */
  private void blendWithLevel(Planes planes, int level, double factor) {
    float alpha = (float) factor;
    for (int i = 0; i < levels.length; i++) {
      float blended = level + alpha * (i - level);
      levels[i] = (int) Math.max(0, Math.min(255, blended));
    }
    mapLevels(planes.red, levels);
    mapLevels(planes.green, levels);
    mapLevels(planes.blue, levels);
  }

  private static void mapLevels(int[] plane, int[] levels) {
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

  private static void toLuma(int[] red, int[] green, int[] blue, int count) {
    for (int i = 0; i < count; i++) {
      red[i] = (red[i] * 19595 + green[i] * 38470 + blue[i] * 7471 + 0x8000) >> 16;
    }
  }

  private static void saturate(int[] red, int[] green, int[] blue, int factor, int count) {
    for (int i = 0; i < count; i++) {
      int luma = (red[i] * 19595 + green[i] * 38470 + blue[i] * 7471 + 0x8000) >> 16;
      int r = luma + ((factor * (red[i] - luma)) >> FACTOR_BITS);
      int g = luma + ((factor * (green[i] - luma)) >> FACTOR_BITS);
      int b = luma + ((factor * (blue[i] - luma)) >> FACTOR_BITS);
      r &= ~(r >> 31);
      g &= ~(g >> 31);
      b &= ~(b >> 31);
      int belowRed = 255 - r;
      int belowGreen = 255 - g;
      int belowBlue = 255 - b;
      red[i] = 255 - (belowRed & ~(belowRed >> 31));
      green[i] = 255 - (belowGreen & ~(belowGreen >> 31));
      blue[i] = 255 - (belowBlue & ~(belowBlue >> 31));
    }
  }
}
