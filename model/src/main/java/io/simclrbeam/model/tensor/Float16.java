package io.simclrbeam.model.tensor;

/** IEEE 754 binary16: a sign, 5 bits of exponent with bias 15, 10 bits of mantissa. */
public final class Float16 {
  /** The largest finite one. */
  public static final float MAX = 65_504;

  private static final float SMALLEST_NORMAL = 0x1p-14f;

  /** Subnormal numbers are multiples of this. */
  private static final float SMALLEST = 0x1p-24f;

  private static final int INFINITY = 0x7c00;
  private static final int NAN = 0x7e00;
  private static final int BIAS_DIFFERENCE = 127 - 15;
  private static final int MANTISSA_DIFFERENCE = 23 - 10;

  private Float16() {}

  /**
   * Returns the nearest binary16, of two equally near ones the even one. Finite numbers stay
   * finite: beyond {@link #MAX} they become it. Infinities and NaN are kept, so that a broken
   * vector does not look like a good one.
   */
  public static short of(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | NAN);
    } else if (Float.isInfinite(value)) {
      return (short) (sign | INFINITY);
    } else if (magnitude < SMALLEST_NORMAL) {
      // The quotient by a power of two is exact, and rint rounds as it should. One that rounds up
      // to
      // 1024 carries into the exponent, and so is the smallest normal number.
      return (short) (sign | (int) Math.rint(magnitude / SMALLEST));
    }
    int clipped = Float.floatToRawIntBits(Math.min(magnitude, MAX));
    int even = clipped >>> MANTISSA_DIFFERENCE & 1;
    int rounded = clipped + (1 << (MANTISSA_DIFFERENCE - 1)) - 1 + even;
    return (short) (sign | (rounded >>> MANTISSA_DIFFERENCE) - (BIAS_DIFFERENCE << 10));
  }

  /** Returns the number, which float32 holds exactly. */
  public static float toFloat(short value) {
    int exponent = value >>> 10 & 0x1f;
    int mantissa = value & 0x3ff;
    float magnitude;
    if (exponent == 0) {
      magnitude = mantissa * SMALLEST;
    } else if (exponent == 0x1f) {
      magnitude = mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
    } else {
      magnitude =
          Float.intBitsToFloat(
              (exponent + BIAS_DIFFERENCE) << 23 | mantissa << MANTISSA_DIFFERENCE);
    }
    return value < 0 ? -magnitude : magnitude;
  }
}
