package io.simclrbeam.model.train;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
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
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
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

  /** A run of 7 steps, 2 in an epoch, is probed every 2 epochs and at the end, with 5 images. */
  @Test
  void aProbeIsPartOfTheMetricsAndChangesNoWeight() throws IOException {
    MemoryStore without = new MemoryStore();
    train(without, 4);
    for (int checkpointSteps : new int[] {2, 7}) {
      MemoryStore store = new MemoryStore();
      train(store, checkpointSteps, TrainingRunTest::sample);
      assertThat(lastState(store)).isEqualTo(lastState(without));
      List<MetricsLine> lines = MetricsFile.read(store, 7);
      assertThat(lines).extracting(MetricsLine::step).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
      assertThat(lines)
          .filteredOn(line -> line.probeImages() != null)
          .allSatisfy(
              line -> {
                assertThat(line.probeImages()).isEqualTo(5);
                assertThat(line.probeRankme()).isBetween(1.0, 5.0);
                assertThat(line.probeEmbeddingStd()).isPositive();
                assertThat(line.probeKnnTop1()).isBetween(0.0, 1.0);
              })
          .extracting(MetricsLine::step)
          .containsExactly(4L, 7L);
      assertThat(text(store, "metrics.jsonl").lines().toList().get(0)).doesNotContain("probe");
      assertThat(text(store, "tensorboard/events.out.tfevents.0.simclr"))
          .contains("probe_images", "probe_rankme", "probe_embedding_std", "probe_knn_top1");
    }
  }

  /** So it ends soon where the process must end. The step counts, but is not looked at. */
  @Test
  void aProbeThatIsCutOffOrFindsNothingIsMissing() throws IOException {
    for (boolean whole : new boolean[] {false, true}) {
      MemoryStore store = new MemoryStore();
      train(store, 4, receiver -> whole || !sample(receiver));
      assertThat(MetricsFile.read(store, 7))
          .hasSize(7)
          .allMatch(line -> line.probeImages() == null && line.probeKnnTop1() == null);
      assertThat(lastState(store)).isNotEmpty();
    }
  }

  @Test
  void probesAreDueAfterSoManyEpochsAndAtTheEnd() {
    ProbePlan plan = new ProbePlan(3, 10);
    assertThat(LongStream.rangeClosed(1, 20).filter(step -> plan.isDue(step, 2, 20)))
        .containsExactly(6L, 12L, 18L, 20L);
    assertThat(LongStream.rangeClosed(1, 20).filter(step -> ProbePlan.NONE.isDue(step, 2, 20)))
        .isEmpty();
    assertThatThrownBy(() -> new ProbePlan(-1, 5))
        .hasMessage("epochs between probes must be at least 0, but are -1");
    assertThatThrownBy(() -> new ProbePlan(1, 0))
        .hasMessage("a probe needs at least 1 image, but there are 0");
  }

  private static boolean sample(ProbeSample.Receiver receiver) {
    for (int i = 0; i < 5; i++) {
      byte[] pixels = new byte[VIEWS_BYTES / SETTINGS.batchSize() / 2];
      new Random(100 + i).nextBytes(pixels);
      receiver.add("image-" + i, i % 2 == 0 ? "even" : "odd", pixels);
    }
    return true;
  }

  private static String text(MemoryStore store, String name) {
    return new String(Objects.requireNonNull(store.files.get(name)), ISO_8859_1);
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
    train(store, checkpointSteps, null);
  }

  private static void train(FileStore store, int checkpointSteps, @Nullable ProbeSample sample)
      throws IOException {
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
        if (sample != null) {
          run.probe(new ProbePlan(2, 5), sample);
        }
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
