package io.simclrbeam.model.train;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class DivergenceAlarmTest {
  private final DivergenceAlarm alarm = new DivergenceAlarm(128, 0);

  @Test
  void healthyStepsPass() {
    for (int step = 0; step < 1000; step++) {
      alarm.check(step, new StepStatistics(5, 0.1, 1, 0.08));
    }
  }

  @Test
  void anyNumberThatIsNotFiniteAlarms() {
    assertThatThrownBy(() -> alarm.check(7, new StepStatistics(Double.NaN, 0, 1, 0.08)))
        .isInstanceOf(TrainingDivergedException.class)
        .hasMessageContaining("step 7")
        .hasMessageContaining("A lower learning rate");
    assertThatThrownBy(
            () -> alarm.check(7, new StepStatistics(5, 0, Double.POSITIVE_INFINITY, 0.08)))
        .isInstanceOf(TrainingDivergedException.class);
  }

  @Test
  void onlyALastingCollapseAlarms() {
    StepStatistics collapsed = new StepStatistics(5, 0, 1, 1e-5);
    for (int step = 0; step < 49; step++) {
      alarm.check(step, collapsed);
    }
    alarm.check(49, new StepStatistics(5, 0, 1, 0.08));
    for (int step = 50; step < 99; step++) {
      alarm.check(step, collapsed);
    }
    assertThatThrownBy(() -> alarm.check(99, collapsed))
        .isInstanceOf(TrainingDivergedException.class)
        .hasMessageContaining("collapsed");
  }
}
