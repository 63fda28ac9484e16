package io.simclrbeam.model.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares with many numbers that were drawn. */
final class ActivationRangeTest {
  private static final int DRAWS = 200_000;

  @ParameterizedTest
  @CsvSource({"0, 1", "0.7, -0.5", "-1, 0.8", "2, 0.1", "-3, 1", "0.5, 0", "-0.5, 0"})
  void reluOfABatchNorm(float beta, float gamma) {
    double[] drawn = new double[DRAWS];
    Random random = new Random(1);
    Arrays.setAll(drawn, i -> Math.max(0, beta + gamma * random.nextGaussian()));
    double mean = Arrays.stream(drawn).average().orElseThrow();
    double square = Arrays.stream(drawn).map(x -> (x - mean) * (x - mean)).average().orElseThrow();

    ActivationRange range = norm(beta, gamma).relu();

    assertThat(range.mean()[0]).isCloseTo(mean, Offset.offset(0.01));
    assertThat(range.deviation()[0]).isCloseTo(Math.sqrt(square), Offset.offset(0.01));
    assertThat(range.greatest()[0])
        .isGreaterThanOrEqualTo(Arrays.stream(drawn).max().orElseThrow())
        .isCloseTo(Math.max(0, beta + 7 * Math.abs(gamma)), Offset.offset(1e-6));
  }

  @Test
  void withoutReluTheGreatestIsOnEitherSide() {
    assertThat(norm(-2, 0.5f).greatest()).containsExactly(2 + 7 * 0.5);
    assertThat(norm(2, -0.5f).greatest()).containsExactly(2 + 7 * 0.5);
  }

  @Test
  void termsMayRiseTogether() {
    ActivationRange sum = norm(1, 2).plus(norm(-0.5f, 1));
    assertThat(sum.mean()).containsExactly(0.5);
    assertThat(sum.deviation()).containsExactly(3);
    assertThat(sum.greatest()).containsExactly(0.5 + 7 * 3);
  }

  @Test
  void theGreatestOfNeighboursIsAboveTheMean() {
    ActivationRange pooled = norm(1, 2).maxPool();
    assertThat(pooled.mean()).containsExactly(3);
    assertThat(pooled.greatest()).containsExactly(1 + 7 * 2);
  }

  private static ActivationRange norm(float beta, float gamma) {
    return ActivationRange.ofNorm(new float[] {beta}, new float[] {gamma});
  }
}
