package io.simclrbeam.model.augment;

/**
 * Turns the hue: torchvision's {@code adjust_hue} on PIL images, that is, through PIL's 8-bit HSV
 * and back, equal to it for every color and every shift. Not thread-safe: the scratch is reused.
 */
final class HueShift {
  /** Pixels worked on at a time, so that the scratch stays in the first-level cache. */
  private static final int CHUNK = 1024;

  private static final int CHROMA_SHIFT = 9;
  private static final int LARGEST_SHIFT = 17;
  private static final byte[] HUES = hues();

  private static final int SATURATION_BITS = 22;

  /** 255 / value; exact after the multiplication, the shift and {@link #SATURATION_NUDGE}. */
  private static final int[] SATURATION_PER_CHROMA = saturationPerChroma();

  private static final int SATURATION_NUDGE = 128;

  /** Hue steps, doubled, in a sixth of a turn. */
  private static final int SIXTH = 85;

  private static final int DIVISOR = 255 * SIXTH;

  /** 2^30 / DIVISOR. */
  private static final int RECIPROCAL = (1 << 30) / DIVISOR;

  private final int[] red = CacheLines.ofInts(CHUNK);
  private final int[] green = CacheLines.ofInts(CHUNK);
  private final int[] blue = CacheLines.ofInts(CHUNK);
  private final int[] value = CacheLines.ofInts(CHUNK);
  private final int[] chroma = CacheLines.ofInts(CHUNK);
  private final int[] hue = CacheLines.ofInts(CHUNK);
  private final int[] saturation = CacheLines.ofInts(CHUNK);
  private final int[] lack = CacheLines.ofInts(CHUNK);

  /**
   * Turns every pixel's hue, in place.
   *
   * @param turns -0.5 to 0.5
   */
  void apply(Planes planes, double turns) {
    int shift = (int) (turns * 255) & 0xFF;
    int pixels = planes.count;
    for (int from = 0; from < pixels; from += CHUNK) {
      int count = Math.min(CHUNK, pixels - from);
      System.arraycopy(planes.red, from, red, 0, count);
      System.arraycopy(planes.green, from, green, 0, count);
      System.arraycopy(planes.blue, from, blue, 0, count);
      turn(shift, count);
      System.arraycopy(red, 0, planes.red, from, count);
      System.arraycopy(green, 0, planes.green, from, count);
      System.arraycopy(blue, 0, planes.blue, from, count);
    }
  }

  private void turn(int shift, int count) {
    valueAndChroma(red, green, blue, value, chroma, count);
    hueIndex(red, green, blue, value, chroma, hue, count);
    lookUp(hue, value, saturation, count);
    turnHue(hue, shift, value, chroma, saturation, count);
    lackOfRed(hue, lack, count);
    colorFromHsv(lack, value, saturation, red, count);
    lackOf(2 * SIXTH, hue, lack, count);
    colorFromHsv(lack, value, saturation, green, count);
    lackOf(4 * SIXTH, hue, lack, count);
    colorFromHsv(lack, value, saturation, blue, count);
  }

  /** Value is the largest of the three, chroma that minus the smallest. */
  private static void valueAndChroma(
      int[] red, int[] green, int[] blue, int[] value, int[] chroma, int count) {
    for (int i = 0; i < count; i++) {
      int redOverGreen = red[i] - green[i];
      int mask = redOverGreen & (redOverGreen >> 31);
      int larger = red[i] - mask;
      int smaller = green[i] + mask;
      int largerOverBlue = larger - blue[i];
      int largest = larger - (largerOverBlue & (largerOverBlue >> 31));
      int smallerOverBlue = smaller - blue[i];
      int smallest = blue[i] + (smallerOverBlue & (smallerOverBlue >> 31));
      value[i] = largest;
      chroma[i] = largest - smallest;
    }
  }

  /** Index into {@link #HUES}: which color is the largest, the chroma, the others' difference. */
  private static void hueIndex(
      int[] red, int[] green, int[] blue, int[] value, int[] chroma, int[] index, int count) {
    for (int i = 0; i < count; i++) {
      int notRed = (red[i] - value[i]) >> 31;
      int notGreen = notRed & ((green[i] - value[i]) >> 31);
      int difference =
          ((green[i] - blue[i]) & ~notRed)
              | ((blue[i] - red[i]) & notRed & ~notGreen)
              | ((red[i] - green[i]) & notGreen);
      int largest = -notRed - notGreen;
      index[i] = (largest << LARGEST_SHIFT) | (chroma[i] << CHROMA_SHIFT) | (difference + 255);
    }
  }

  private static void lookUp(int[] hue, int[] value, int[] saturation, int count) {
    for (int i = 0; i < count; i++) {
      hue[i] = HUES[hue[i]];
      saturation[i] = SATURATION_PER_CHROMA[value[i]];
    }
  }

  /** Leaves twice the turned hue, and saturation times value. */
  private static void turnHue(
      int[] hue, int shift, int[] value, int[] chroma, int[] saturation, int count) {
    for (int i = 0; i < count; i++) {
      hue[i] = ((hue[i] + shift) & 0xFF) << 1;
      saturation[i] =
          value[i] * ((chroma[i] * saturation[i] + SATURATION_NUDGE) >> SATURATION_BITS);
    }
  }

  /** How far each hue is from full red, 0 to {@link #SIXTH}: none of it around hue 0. */
  private static void lackOfRed(int[] hue, int[] lack, int count) {
    for (int i = 0; i < count; i++) {
      int raw = 2 * SIXTH - Math.abs(hue[i] - 3 * SIXTH);
      raw &= ~(raw >> 31);
      int below = SIXTH - raw;
      lack[i] = SIXTH - (below & ~(below >> 31));
    }
  }

  /** The same for green and blue, which are full a sixth of a turn around a hue of their own. */
  private static void lackOf(int full, int[] hue, int[] lack, int count) {
    for (int i = 0; i < count; i++) {
      int raw = Math.abs(hue[i] - full) - SIXTH;
      raw &= ~(raw >> 31);
      int below = SIXTH - raw;
      lack[i] = SIXTH - (below & ~(below >> 31));
    }
  }

  /** Value minus saturation * value * lack / DIVISOR, rounded. */
  private static void colorFromHsv(
      int[] lack, int[] value, int[] saturation, int[] out, int count) {
    for (int i = 0; i < count; i++) {
      int dividend = saturation[i] * lack[i] + DIVISOR / 2;
      // Exact or one too small; the sign of what remains tells which.
      int quotient = ((dividend >> 7) * RECIPROCAL) >> 23;
      out[i] = value[i] - (quotient + 1 + ((dividend - quotient * DIVISOR - DIVISOR) >> 31));
    }
  }

  /**
   * PIL's {@code rgb2hsv} in its float arithmetic, whose rounding decides where a hue lies between
   * two levels, for every chroma and difference.
   */
  private static byte[] hues() {
    byte[] hues = new byte[3 << LARGEST_SHIFT];
    for (int largest = 0; largest < 3; largest++) {
      for (int chroma = 1; chroma < 256; chroma++) {
        for (int difference = -chroma; difference <= chroma; difference++) {
          // The distances from the largest color of the one after it and of the one before.
          float after = (float) (chroma - Math.max(0, difference)) / chroma;
          float before = (float) (chroma - Math.max(0, -difference)) / chroma;
          float sixths = (float) (2.0 * largest + before - after);
          float turn = (float) ((sixths / 6.0 + 1.0) % 1.0);
          int index = (largest << LARGEST_SHIFT) | (chroma << CHROMA_SHIFT) | (difference + 255);
          hues[index] = (byte) (turn * 255.0);
        }
      }
    }
    return hues;
  }

  private static int[] saturationPerChroma() {
    int[] reciprocals = new int[256];
    for (int value = 1; value < 256; value++) {
      reciprocals[value] = (int) Math.rint(255.0 * (1 << SATURATION_BITS) / value);
    }
    return reciprocals;
  }
}
