package io.simclrbeam.model.inference;

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

    assertThat(range.mean()).isCloseTo(mean, Offset.offset(0.01));
    assertThat(range.std()).isCloseTo(Math.sqrt(square), Offset.offset(0.01));
    assertThat(range.max())
        .isGreaterThanOrEqualTo(Arrays.stream(drawn).max().orElseThrow())
        .isCloseTo(Math.max(0, beta + 7 * Math.abs(gamma)), Offset.offset(1e-6));
  }

  @Test
  void withoutReluTheGreatestIsOnEitherSide() {
    assertThat(norm(-2, 0.5f).max()).isEqualTo(2 + 7 * 0.5);
    assertThat(norm(2, -0.5f).max()).isEqualTo(2 + 7 * 0.5);
  }

  @Test
  void termsMayRiseTogether() {
    ActivationRange sum = norm(1, 2).plus(norm(-0.5f, 1));
    assertThat(sum.mean()).isEqualTo(0.5);
    assertThat(sum.std()).isEqualTo(3);
    assertThat(sum.max()).isEqualTo(0.5 + 7 * 3);
  }

  @Test
  void theGreatestOfNeighborsIsAboveTheMean() {
    ActivationRange pooled = norm(1, 2).maxPool();
    assertThat(pooled.mean()).isEqualTo(3);
    assertThat(pooled.max()).isEqualTo(1 + 7 * 2);
  }

  private static ActivationRange norm(float beta, float gamma) {
    return ActivationRange.ofNorm(beta, gamma);
  }
}
