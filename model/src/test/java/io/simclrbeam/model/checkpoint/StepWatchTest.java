package io.simclrbeam.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class StepWatchTest {
  private final AtomicLong nanos = new AtomicLong();
  private final StepWatch watch = new StepWatch(nanos::get);

  @Test
  void aStepIsNamedThatTakesMinutes() {
    watch.begin(41);
    pass(299);
    assertThat(watch.look()).isEmpty();
    pass(1);
    assertThat(watch.look()).get().asString().contains("Step 42 has not ended for 5 min");
  }

  @Test
  void warningsBecomeRarer() {
    watch.begin(0);
    pass(300);
    assertThat(watch.look()).isPresent();
    pass(299);
    assertThat(watch.look()).isEmpty();
    pass(1);
    assertThat(watch.look()).get().asString().contains("for 10 min");
  }

  @Test
  void aStepMayTakeManyTimesAsLongAsTheLongestBefore() {
    watch.begin(0);
    pass(60);
    watch.end();
    watch.begin(1);
    pass(20 * 60 - 1);
    assertThat(watch.look()).isEmpty();
    pass(1);
    assertThat(watch.look()).get().asString().contains("the longest one before it took 60.0 s");
  }

  @Test
  void nothingIsSaidBetweenSteps() {
    watch.begin(0);
    pass(1);
    watch.end();
    pass(100_000);
    assertThat(watch.look()).isEmpty();
  }

  private void pass(long seconds) {
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }
}
