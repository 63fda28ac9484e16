package io.simclrbeam.model.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class WarmupCosineTest {
  @Test
  void risesInAStraightLineThenFallsAsHalfACosine() {
    Schedule schedule = new WarmupCosine(2, 10);
    assertThat(schedule.rate(0, 110)).isCloseTo(0.2, within(1e-12));
    assertThat(schedule.rate(4, 110)).isCloseTo(1, within(1e-12));
    assertThat(schedule.rate(9, 110)).isCloseTo(2, within(1e-12));
    assertThat(schedule.rate(10, 110)).isCloseTo(2, within(1e-12));
    assertThat(schedule.rate(60, 110)).isCloseTo(1, within(1e-12));
    assertThat(schedule.rate(35, 110)).isCloseTo(1 + Math.sqrt(0.5), within(1e-12));
    assertThat(schedule.rate(109, 110)).isPositive().isLessThan(0.001);
  }

  @Test
  void aRunWithoutWarmupStartsAtThePeak() {
    assertThat(new WarmupCosine(0.5, 0).rate(0, 5)).isEqualTo(0.5);
  }
}
