package io.simclrbeam.model.checkpoint;

import io.simclrbeam.model.settings.Problems;
import java.io.Serializable;
import java.time.Duration;

/**
 * How far checkpoints are apart: a checkpoint is written after so many steps, or after so much
 * time, whichever comes first. The weights do not depend on it.
 *
 * @param steps at least 1; checkpoints are written at multiples of it
 * @param time since the last checkpoint
 */
public record CheckpointInterval(long steps, Duration time) implements Serializable {
  private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if there is less than one step, or the time is negative
   */
  public CheckpointInterval {
    new Problems()
        .unless(steps >= 1, "steps between checkpoints must be at least 1, but are %d", steps)
        .unless(
            !time.isNegative(), "time between checkpoints must not be negative, but is %s", time)
        .check();
  }

  /** Returns an interval of steps alone. */
  public static CheckpointInterval ofSteps(long steps) {
    return new CheckpointInterval(steps, FOREVER);
  }

  /** Returns whether a checkpoint is due so many nanoseconds after the last one. */
  public boolean isOver(long stepsDone, long nanos) {
    return stepsDone % steps == 0 || Duration.ofNanos(nanos).compareTo(time) >= 0;
  }
}
