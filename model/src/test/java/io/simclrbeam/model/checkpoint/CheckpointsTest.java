package io.simclrbeam.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.MemoryStore;
import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.model.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CheckpointsTest {
  private final MemoryStore store = new MemoryStore();
  private final Checkpoints checkpoints = new Checkpoints(store);

  @Test
  void aNewFolderHasNone() throws IOException {
    assertThat(checkpoints.newest()).isEmpty();
    assertThat(checkpoints.newestStep()).isEmpty();
  }

  @Test
  void theNewestIsReadAndTheLastFewAreKept() throws IOException {
    for (long step = 0; step <= 600; step += 100) {
      checkpoints.save(checkpoint(step));
    }
    Checkpoint newest = checkpoints.newest().orElseThrow();
    assertThat(newest.step()).isEqualTo(600);
    assertThat(newest.state().get("w").toFloats()).containsExactly(600);
    assertThat(newest.collapsedSteps()).isEqualTo(6);
    assertThat(store.files.keySet())
        .containsExactly(
            "checkpoints/step-00000400/checkpoint.json",
            "checkpoints/step-00000400/state.safetensors",
            "checkpoints/step-00000500/checkpoint.json",
            "checkpoints/step-00000500/state.safetensors",
            "checkpoints/step-00000600/checkpoint.json",
            "checkpoints/step-00000600/state.safetensors");
  }

  /** Before the tensors, and before the seal, as writing the tensors takes a while. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void whoWasReplacedSealsNothing(int passes) throws IOException {
    int[] left = {passes};
    Fence fence =
        () -> {
          if (left[0]-- == 0) {
            throw new IOException("another one trains here");
          }
        };
    checkpoints.save(checkpoint(100));
    assertThatThrownBy(() -> new Checkpoints(store, fence).save(checkpoint(200)))
        .hasMessage("another one trains here");
    assertThat(store.files).doesNotContainKey("checkpoints/step-00000200/checkpoint.json");
    assertThat(checkpoints.newestStep()).hasValue(100);
  }

  /** All ways to ask agree on what a valid checkpoint is. */
  @ParameterizedTest
  @EnumSource
  void damagedAndUnfinishedOnesArePassedOver(Damage damage) throws IOException {
    checkpoints.save(checkpoint(100));
    checkpoints.save(checkpoint(200));
    checkpoints.save(checkpoint(300));
    damage.apply(store.files, 300);
    damage.apply(store.files, 200);
    store.files.put("checkpoints/step-00000400/state.safetensors", new byte[10]);
    assertThat(checkpoints.newestStep()).hasValue(100);
    assertThat(checkpoints.newest().orElseThrow().step()).isEqualTo(100);
    damage.apply(store.files, 100);
    assertThat(checkpoints.newestStep()).isEmpty();
    assertThat(checkpoints.newest()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aGoodOneStaysWhereNewerOnesAreDamaged(Damage damage) throws IOException {
    checkpoints.save(checkpoint(100));
    for (long step = 400; step <= 600; step += 100) {
      checkpoints.save(checkpoint(step));
      damage.apply(store.files, step);
    }
    checkpoints.save(checkpoint(150));
    assertThat(checkpoints.newestStep()).hasValue(150);
  }

  /** Whatever is damaged, and wherever training stands, the newest valid one outlives a save. */
  @Test
  void cleaningUpNeverTakesTheNewestValidOne() throws IOException {
    for (int seed = 0; seed < 200; seed++) {
      SeededRandom random = SeededRandom.of(seed);
      store.files.clear();
      long step = 0;
      for (int i = 0; i < 12; i++) {
        step += 1 + random.nextInt(20);
        checkpoints.save(checkpoint(step));
        assertThat(checkpoints.newestStep()).as("seed %d", seed).hasValue(step);
        Damage damage = Damage.values()[random.nextInt(Damage.values().length)];
        for (int damaged = random.nextInt(3); damaged > 0 && step > 0; damaged--) {
          damage.apply(store.files, step);
          step = checkpoints.newestStep().orElse(0);
        }
      }
    }
  }

  /** What becomes of a checkpoint on a failing disk, or where a machine lost its power. */
  private enum Damage {
    FLIPPED_BIT,
    CUT_STATE,
    NO_STATE,
    EMPTY_SEAL,
    CUT_SEAL,
    ZEROS_IN_SEAL;

    void apply(Map<String, byte[]> files, long step) {
      String folder = "checkpoints/step-%08d/".formatted(step);
      String state = folder + "state.safetensors";
      String seal = folder + "checkpoint.json";
      byte[] stateBytes = Objects.requireNonNull(files.get(state));
      byte[] sealBytes = Objects.requireNonNull(files.get(seal));
      switch (this) {
        case FLIPPED_BIT -> stateBytes[stateBytes.length - 1] ^= 1;
        case CUT_STATE -> files.put(state, Arrays.copyOf(stateBytes, stateBytes.length - 1));
        case NO_STATE -> files.remove(state);
        case EMPTY_SEAL -> files.put(seal, new byte[0]);
        case CUT_SEAL -> files.put(seal, Arrays.copyOf(sealBytes, sealBytes.length / 2));
        case ZEROS_IN_SEAL -> Arrays.fill(sealBytes, (byte) 0);
      }
    }
  }

  private static Checkpoint checkpoint(long step) {
    return new Checkpoint(
        step, Map.of("w", Tensor.of(List.of(1L), (float) step)), (int) step / 100);
  }
}
