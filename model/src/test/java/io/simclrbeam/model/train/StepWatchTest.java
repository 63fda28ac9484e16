package io.simclrbeam.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.simclrbeam.model.MemoryStore;
import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.batch.BatchPlan;
import io.simclrbeam.model.checkpoint.CheckpointInterval;
import io.simclrbeam.model.checkpoint.Fence;
import io.simclrbeam.model.random.RandomStreams;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class StepWatchTest {
  private final AtomicLong nanos = new AtomicLong();
  private final StepWatch watch = new StepWatch(nanos::get);

  @Test
  void aStepIsNamedThatTakesMinutes() {
    watch.during(41, () -> expect(299, "").expect(1, "Step 42 has not ended for 5 min"));
  }

  @Test
  void warningsBecomeRarer() {
    watch.during(0, () -> expect(300, "for 5 min").expect(299, "").expect(1, "for 10 min"));
  }

  @Test
  void aStepMayTakeManyTimesAsLongAsTheLongestBefore() {
    watch.during(0, () -> expect(60, ""));
    watch.during(1, () -> expect(1, ""));
    watch.during(2, () -> expect(1199, "").expect(1, "the longest one before it took 60.0 s"));
  }

  @Test
  void nothingIsSaidBetweenSteps() {
    watch.during(0, () -> expect(1, ""));
    expect(100_000, "");
  }

  @Test
  void aTrainingRunDoesItsStepsUnderWatch() throws IOException {
    MemoryStore store = new MemoryStore();
    TrainingSettings settings =
        TestSettings.small().views(AugmentSettings.simclr(8)).batchSize(2).steps(1).build();
    TrainingRun.initialize(store, settings);
    // A clock that goes on by a minute whenever it is looked at: as a step begins and as it ends.
    StepWatch slow = new StepWatch(() -> nanos.getAndAdd(TimeUnit.MINUTES.toNanos(1)));
    try (TrainingRun run =
        TrainingRun.resume(
            store,
            settings,
            new BatchPlan(2, 2, RandomStreams.of(1)),
            CheckpointInterval.ofSteps(1),
            1,
            Device.cpu(),
            Fence.NONE,
            slow)) {
      run.step(List.of(ByteBuffer.allocateDirect(2 * 2 * 8 * 8 * 3)));
    }
    Optional<String> warning =
        slow.during(
            1,
            () -> {
              nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
              return slow.look();
            });
    assertThat(warning).get().asString().contains("the longest one before it took 60.0 s");
  }

  /** Lets time pass and compares what is said then; an empty text stands for nothing. */
  private StepWatchTest expect(long seconds, String said) {
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    Optional<String> warning = watch.look();
    assertThat(warning.isPresent()).isEqualTo(!said.isEmpty());
    assertThat(warning.orElse("")).contains(said);
    return this;
  }
}
