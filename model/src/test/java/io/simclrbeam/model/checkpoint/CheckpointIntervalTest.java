package io.simclrbeam.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class CheckpointIntervalTest {
  @Test
  void stepsOrTimeEndIt() {
    CheckpointInterval interval = new CheckpointInterval(4, Duration.ofNanos(10));
    assertThat(interval.isOver(7, 9)).isFalse();
    assertThat(interval.isOver(8, 0)).isTrue();
    assertThat(interval.isOver(9, 10)).isTrue();
    assertThat(CheckpointInterval.ofSteps(4).isOver(9, Long.MAX_VALUE - 1)).isFalse();
  }

  @Test
  void saysAllThatIsWrong() {
    assertThatThrownBy(() -> new CheckpointInterval(0, Duration.ofNanos(-1)))
        .hasMessage(
            "steps between checkpoints must be at least 1, but are 0;"
                + " time between checkpoints must not be negative, but is PT-0.000000001S");
  }
}
