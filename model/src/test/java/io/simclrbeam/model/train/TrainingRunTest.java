package io.simclrbeam.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.simclrbeam.model.MemoryStore;
import io.simclrbeam.model.batch.BatchPlan;
import io.simclrbeam.model.checkpoint.CheckpointInterval;
import io.simclrbeam.model.checkpoint.Checkpoints;
import io.simclrbeam.model.checkpoint.Fence;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TrainingRunTest {
  private static final TrainingSettings SETTINGS = TestSettings.small().build();
  private static final BatchPlan PLAN = new BatchPlan(12, SETTINGS.batchSize(), SETTINGS.streams());

  private static final int VIEWS_BYTES =
      SETTINGS.batchSize() * 2 * SETTINGS.imageSize() * SETTINGS.imageSize() * 3;

  @Test
  void whereAllCheckpointsAreDamagedTrainingStartsAnewToTheSameEnd() throws IOException {
    MemoryStore store = new MemoryStore();
    train(store, 4);
    String end = lastState(store);

    for (byte[] bytes : store.files.values()) {
      Arrays.fill(bytes, (byte) 7);
    }
    store.files.remove("metrics.jsonl");
    train(store, 4);
    assertThat(lastState(store)).isEqualTo(end);
  }

  @Test
  void aRunGoesOnOnceAFullDiskHasRoomAgain() throws IOException {
    MemoryStore store = new MemoryStore();
    train(store, 4);
    String end = lastState(store);

    int writes = 0;
    for (boolean full = true; full; writes++) {
      FullStore limited = new FullStore(new MemoryStore(), writes);
      try {
        train(limited, 4);
        full = false;
      } catch (IOException e) {
        assertThat(e).hasMessage("No space left on device");
        train(limited.store, 4);
      }
      assertThat(lastState(limited.store)).isEqualTo(end);
    }
    // Two files for each checkpoint, of steps 0, 4 and 7, and two of metrics for all but the
    // first.
    assertThat(writes).isEqualTo(1 + 3 * 2 + 2 * 2);
  }

  @Test
  void timeAloneMakesACheckpointDue() throws IOException {
    MemoryStore store = new MemoryStore();
    TrainingRun.initialize(store, SETTINGS);
    CheckpointInterval always = new CheckpointInterval(1000, Duration.ZERO);
    try (TrainingRun run =
        TrainingRun.resume(store, SETTINGS, PLAN, always, 3, Device.cpu(), Fence.NONE)) {
      while (!run.isDone()) {
        run.step(List.of(views(run.stepsDone())));
        assertThat(run.isCheckpointed()).isTrue();
        assertThat(new Checkpoints(store).newestStep()).hasValue(run.stepsDone());
      }
    }
  }

  /** Of images that are all the same, projections are too. */
  @ParameterizedTest
  @ValueSource(longs = {7, 60})
  void aCollapseIsNoticedHoweverShortTheRoundsAre(long roundSteps) throws IOException {
    TrainingSettings settings = SETTINGS.toBuilder().steps(60).build();
    MemoryStore store = new MemoryStore();
    TrainingRun.initialize(store, settings);
    assertThatThrownBy(
            () -> {
              for (long last = roundSteps; last < 60 + roundSteps; last += roundSteps) {
                try (TrainingRun run =
                    TrainingRun.resume(
                        store,
                        settings,
                        PLAN,
                        CheckpointInterval.ofSteps(60),
                        last,
                        Device.cpu(),
                        Fence.NONE)) {
                  while (!run.isDone()) {
                    run.step(List.of(ByteBuffer.allocateDirect(VIEWS_BYTES)));
                  }
                }
              }
            })
        .isInstanceOf(TrainingDivergedException.class)
        .hasMessageContaining("collapsed by step 49");
  }

  /** Has room for so many files. */
  private static final class FullStore implements FileStore {
    final MemoryStore store;
    private int room;

    FullStore(MemoryStore store, int room) {
      this.store = store;
      this.room = room;
    }

    @Override
    public String location() {
      return store.location();
    }

    @Override
    public InputStream open(String name) throws IOException {
      return store.open(name);
    }

    @Override
    public boolean exists(String name) {
      return store.exists(name);
    }

    @Override
    public void write(String name, Content content) throws IOException {
      room--;
      if (room < 0) {
        throw new IOException("No space left on device");
      }
      store.write(name, content);
    }

    @Override
    public List<String> list(String folder) {
      return store.list(folder);
    }

    @Override
    public void delete(List<String> names) {
      store.delete(names);
    }
  }

  /** A run for as many steps as the checkpoints are apart, as jobs in short rounds do. */
  private static void train(FileStore store, int checkpointSteps) throws IOException {
    TrainingRun.initialize(store, SETTINGS);
    for (long done = 0; done < SETTINGS.steps(); ) {
      try (TrainingRun run =
          TrainingRun.resume(
              store,
              SETTINGS,
              PLAN,
              CheckpointInterval.ofSteps(checkpointSteps),
              done + checkpointSteps,
              Device.cpu(),
              Fence.NONE)) {
        while (!run.isDone()) {
          run.step(List.of(views(run.stepsDone())));
        }
        done = run.stepsDone();
      }
    }
  }

  private static ByteBuffer views(long step) {
    byte[] pixels = new byte[VIEWS_BYTES];
    new Random(step).nextBytes(pixels);
    return ByteBuffer.allocateDirect(pixels.length).put(pixels).flip();
  }

  private static String lastState(MemoryStore store) throws IOException {
    assertThat(new Checkpoints(store).newestStep()).hasValue(SETTINGS.steps());
    return Sha256.of(
        Objects.requireNonNull(store.files.get("checkpoints/step-00000007/state.safetensors")));
  }
}
