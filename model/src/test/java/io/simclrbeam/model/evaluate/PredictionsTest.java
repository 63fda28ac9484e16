package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PredictionsTest {
  private static Predictions of(int right, int wrong) {
    List<String> predicted = new ArrayList<>(Collections.nCopies(right, "cat"));
    predicted.addAll(Collections.nCopies(wrong, "dog"));
    return new Predictions(Collections.nCopies(right + wrong, "cat"), predicted);
  }

  @Test
  void aMatrixHasNoZerosAndCountsAdd() {
    Predictions said =
        new Predictions(
            List.of("cat", "dog", "cat", "cat", "emu", "cat"),
            List.of("dog", "dog", "cat", "dog", "dog", "emu"));

    assertThat(said.top1()).isEqualTo(2 / 6.0);
    assertThat(said.confusions())
        .containsExactly(
            new Evaluation.Confusion("cat", "dog", 2),
            new Evaluation.Confusion("cat", "cat", 1),
            new Evaluation.Confusion("cat", "emu", 1),
            new Evaluation.Confusion("dog", "dog", 1),
            new Evaluation.Confusion("emu", "dog", 1));
    assertThat(said.images()).hasToString("{cat=4, dog=1, emu=1}");
    assertThat(said.recall("cat")).isEqualTo(0.25);
    assertThat(said.recall("dog")).isEqualTo(1);
    assertThat(said.recall("emu")).isZero();
  }

  /** What is right in a resample is a binomial number, of which the quantiles are known. */
  @ParameterizedTest
  @CsvSource({"50, 50", "900, 100", "30, 970", "1, 3"})
  void theIntervalIsThatOfABinomialNumber(int right, int wrong) {
    int n = right + wrong;
    Evaluation.Interval interval = of(right, wrong).interval();

    double spread = Math.sqrt((double) right * wrong / n) / n;
    assertThat(interval.low()).isCloseTo(quantile(n, right, 0.025), within(0.35 * spread));
    assertThat(interval.high()).isCloseTo(quantile(n, right, 0.975), within(0.35 * spread));
    assertThat(of(right, wrong).interval()).as("each time").isEqualTo(interval);
  }

  /** The plain sum of the probabilities. */
  private static double quantile(int n, int right, double share) {
    double p = (double) right / n;
    double logarithm = n * Math.log(1 - p);
    double sum = Math.exp(logarithm);
    int k = 0;
    while (sum < share) {
      logarithm += Math.log((double) (n - k) / (k + 1) * p / (1 - p));
      k++;
      sum += Math.exp(logarithm);
    }
    return (double) k / n;
  }

  @Test
  void whereAllAreRightChanceChangesNothing() {
    assertThat(of(20, 0).interval()).isEqualTo(new Evaluation.Interval(1, 1));
    assertThat(of(0, 20).interval()).isEqualTo(new Evaluation.Interval(0, 0));
  }
}
