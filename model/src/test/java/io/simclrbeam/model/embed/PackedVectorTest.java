package io.simclrbeam.model.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PackedVectorTest {
  @Test
  void float16IsLittleEndianAndHasNoScale() {
    PackedVector packed = PackedVector.float16(new float[] {1, -2, 0.33325195f, 1e9f});

    assertThat(packed.bytes()).containsExactly(0x00, 0x3c, 0x00, 0xc0, 0x55, 0x35, 0xff, 0x7b);
    assertThat(packed.scale()).isNull();
    assertThat(packed.unpack()).containsExactly(1, -2, 0.33325195f, 65_504);
  }

  @Test
  void int8IsInStepsOfA127thOfTheLargest() {
    PackedVector packed = PackedVector.int8(new float[] {0.5f, -254, 3, 1, 5, -0.9f, 254});

    assertThat(packed.scale()).isEqualTo(2);
    assertThat(packed.bytes()).containsExactly(0, -127, 2, 0, 2, 0, 127);
    assertThat(packed.unpack()).containsExactly(0, -254, 4, 0, 4, 0, 254);
  }

  @Test
  void int8IsTheNearestStep() {
    Random random = new Random(2);
    for (int repeat = 0; repeat < 200; repeat++) {
      float[] vector = new float[16];
      float largest = 0;
      for (int i = 0; i < vector.length; i++) {
        vector[i] = (float) (random.nextGaussian() * Math.exp(10 * random.nextGaussian()));
        largest = Math.max(largest, Math.abs(vector[i]));
      }
      PackedVector packed = PackedVector.int8(vector);
      BigDecimal scale = new BigDecimal(packed.scale());
      assertThat(packed.scale()).isEqualTo(largest / 127);
      for (int i = 0; i < vector.length; i++) {
        BigDecimal step = new BigDecimal(vector[i]).divide(scale, 30, RoundingMode.HALF_EVEN);
        assertThat((int) packed.bytes()[i])
            .isEqualTo(step.setScale(0, RoundingMode.HALF_EVEN).intValueExact());
        assertThat(packed.unpack()[i]).isCloseTo(vector[i], within(0.501f * packed.scale()));
      }
    }
  }

  @Test
  void smallVectorsStayInRange() {
    assertThat(PackedVector.int8(new float[] {0, -0.0f}).unpack()).containsOnly(0);
    assertThat(PackedVector.int8(new float[0]).unpack()).isEmpty();
    float tiny = 190 * Float.MIN_VALUE; // 190 steps of the only scale that there is
    assertThat(PackedVector.int8(new float[] {tiny, -tiny}).bytes()).containsExactly(127, -127);
    assertThat(PackedVector.int8(new float[] {Float.MIN_VALUE}).bytes()).containsExactly(0);
  }

  @Test
  void aBrokenVectorStaysBroken() {
    for (float broken : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      PackedVector packed = PackedVector.int8(new float[] {1, broken, 2});
      assertThat(packed.scale()).isNaN();
      assertThat(packed.unpack()).containsOnly(Float.NaN);
      assertThat(PackedVector.float16(new float[] {1, broken}).unpack()).containsExactly(1, broken);
    }
  }

  @Test
  void anOddNumberOfBytesIsNotFloat16() {
    assertThatThrownBy(() -> new PackedVector(new byte[3], null).unpack())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a vector of 3 bytes is not one of float16, and has no scale as one of int8");
  }
}
