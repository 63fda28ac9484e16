package io.simclrbeam.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.MemoryStore;
import io.simclrbeam.model.tensor.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
    assertThat(store.files.keySet())
        .containsExactly(
            "checkpoints/step-00000400/checkpoint.json",
            "checkpoints/step-00000400/state.safetensors",
            "checkpoints/step-00000500/checkpoint.json",
            "checkpoints/step-00000500/state.safetensors",
            "checkpoints/step-00000600/checkpoint.json",
            "checkpoints/step-00000600/state.safetensors");
  }

  @Test
  void damagedAndUnfinishedOnesArePassedOver() throws IOException {
    checkpoints.save(checkpoint(100));
    checkpoints.save(checkpoint(200));
    checkpoints.save(checkpoint(300));
    byte[] bytes = store.files.get("checkpoints/step-00000300/state.safetensors");
    bytes[bytes.length - 1] ^= 1;
    store.files.remove("checkpoints/step-00000200/state.safetensors");
    store.files.put("checkpoints/step-00000400/state.safetensors", new byte[10]);
    assertThat(checkpoints.newest().orElseThrow().step()).isEqualTo(100);
  }

  private static Checkpoint checkpoint(long step) {
    return new Checkpoint(step, Map.of("w", Tensor.of(List.of(1L), (float) step)));
  }
}
