package io.simclrbeam.model.progress;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class SilenceWatchTest {
  private static final long SECOND = 1_000_000_000;

  private long nanos = Long.MAX_VALUE - SECOND; // it may run over
  private ProgressLine.@Nullable Shown last = new ProgressLine.Shown("of a job before", nanos);

  @Test
  void aJobIsWorkingUntilItShowsProgressAndThenThatGetsOld() {
    try (SilenceWatch watch = new SilenceWatch(() -> nanos, () -> last)) {
      nanos += SECOND;
      assertThat(watch.look()).isEmpty();
      nanos += 11 * SECOND;
      assertThat(watch.look()).contains("Working, 12 s");
      last = new ProgressLine.Shown("5 of 9 images", nanos);
      nanos += SECOND;
      assertThat(watch.look()).isEmpty();
      nanos += 2 * SECOND;
      assertThat(watch.look()).contains("5 of 9 images (3 s ago)");
    }
  }

  @Test
  void whatIsLoggedIsTheLastLine() {
    ProgressLine.log(LoggerFactory.getLogger(getClass()).atDebug(), "step 1 of 2");

    ProgressLine.Shown shown = ProgressLine.last();
    assertThat(shown).isNotNull();
    assertThat(shown.text()).isEqualTo("step 1 of 2");
    assertThat(System.nanoTime() - shown.nanos()).isNotNegative();
  }
}
