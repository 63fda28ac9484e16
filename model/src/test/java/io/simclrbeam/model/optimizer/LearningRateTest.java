package io.simclrbeam.model.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class LearningRateTest {
  @Test
  void risesInAStraightLineThenFallsAsHalfACosine() {
    LearningRate rate = new LearningRate(2, 10, 110);
    assertThat(rate.at(0)).isCloseTo(0.2, within(1e-12));
    assertThat(rate.at(4)).isCloseTo(1, within(1e-12));
    assertThat(rate.at(9)).isCloseTo(2, within(1e-12));
    assertThat(rate.at(10)).isCloseTo(2, within(1e-12));
    assertThat(rate.at(60)).isCloseTo(1, within(1e-12));
    assertThat(rate.at(35)).isCloseTo(1 + Math.sqrt(0.5), within(1e-12));
    assertThat(rate.at(109)).isPositive().isLessThan(0.001);
  }

  @Test
  void aRunWithoutWarmupStartsAtThePeak() {
    assertThat(new LearningRate(0.5, 0, 5).at(0)).isEqualTo(0.5);
  }
}
