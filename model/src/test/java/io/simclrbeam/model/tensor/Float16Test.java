package io.simclrbeam.model.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Float16Test {
  private static final int INFINITY = 0x7c00;

  /** What the bits of a finite one that is not negative mean, as IEEE 754 defines it. */
  private static double value(int bits) {
    int exponent = bits >> 10;
    double mantissa = (bits & 1023) / 1024.0;
    return exponent == 0 ? Math.scalb(mantissa, -14) : Math.scalb(1 + mantissa, exponent - 15);
  }

  /** Looks for the nearest number below infinity in exact arithmetic. */
  private static int nearest(float value) {
    BigDecimal exact = new BigDecimal(Math.abs(value));
    int low = 0;
    int high = INFINITY - 1;
    while (high - low > 1) { // value(low) <= exact, unless exact is beyond all
      int middle = (low + high) / 2;
      if (new BigDecimal(value(middle)).compareTo(exact) <= 0) {
        low = middle;
      } else {
        high = middle;
      }
    }
    BigDecimal below = exact.subtract(new BigDecimal(value(low))).abs();
    BigDecimal above = exact.subtract(new BigDecimal(value(high))).abs();
    int comparison = below.compareTo(above);
    int nearest = comparison < 0 || (comparison == 0 && low % 2 == 0) ? low : high;
    return Float.floatToRawIntBits(value) < 0 ? nearest | 0x8000 : nearest;
  }

  private static void assertRounds(float value) {
    assertThat(Float16.of(value) & 0xffff).as("%s (%a)", value, value).isEqualTo(nearest(value));
  }

  @Test
  void allNumbersThereAreMeanWhatTheStandardSays() {
    for (int bits = 0; bits <= 0xffff; bits++) {
      float number = Float16.toFloat((short) bits);
      int magnitude = bits & 0x7fff;
      if (magnitude > INFINITY) {
        assertThat(number).isNaN();
        assertThat(Float16.toFloat(Float16.of(number))).isNaN();
        continue;
      }
      double expected = magnitude == INFINITY ? Double.POSITIVE_INFINITY : value(magnitude);
      // Compared as bits, so that -0.0 is not 0.0.
      assertThat(Double.doubleToRawLongBits(number))
          .as("%04x", bits)
          .isEqualTo(Double.doubleToRawLongBits(bits < 0x8000 ? expected : -expected));
      assertThat(Float16.of(number)).as("%04x", bits).isEqualTo((short) bits);
    }
  }

  @Test
  void numbersBetweenGoToTheNearestAndFromTheMiddleToTheEvenOne() {
    for (int bits = 0; bits < INFINITY - 1; bits++) {
      float middle = (float) ((value(bits) + value(bits + 1)) / 2);
      for (float number : new float[] {middle, Math.nextUp(middle), Math.nextDown(middle)}) {
        assertRounds(number);
        assertRounds(-number);
      }
    }
  }

  @Test
  void anyFloatGoesToTheNearest() {
    Random random = new Random(1);
    for (int i = 0; i < 50_000; i++) {
      float number = Float.intBitsToFloat(random.nextInt());
      if (Float.isFinite(number)) {
        assertRounds(number);
      }
    }
  }

  @Test
  void largeNumbersStayFiniteAndBrokenOnesBroken() {
    for (float large : new float[] {65_504, 65_519.996f, 65_520, 1e6f, Float.MAX_VALUE}) {
      assertThat(Float16.toFloat(Float16.of(large))).isEqualTo(65_504);
      assertThat(Float16.toFloat(Float16.of(-large))).isEqualTo(-65_504);
    }
    assertThat(Float16.toFloat(Float16.of(Float.NEGATIVE_INFINITY)))
        .isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(Float16.toFloat(Float16.of(Float.POSITIVE_INFINITY)))
        .isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(Float16.toFloat(Float16.of(Float.NaN))).isNaN();
  }
}
