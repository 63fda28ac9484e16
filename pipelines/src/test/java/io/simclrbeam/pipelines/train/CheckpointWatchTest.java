package io.simclrbeam.pipelines.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.checkpoint.Checkpoint;
import io.simclrbeam.model.checkpoint.Checkpoints;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.nio.file.Path;
import java.util.Map;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointWatchTest {
  @TempDir private Path folder;
  private long seconds = 7;

  @Test
  void saysOnceOfEachCheckpointHowLongTheRestWillTake() throws Exception {
    FileSystems.setDefaultPipelineOptions(PipelineOptionsFactory.create());
    Checkpoints checkpoints = new Checkpoints(new BeamFileStore(folder.toString()));
    checkpoints.save(new Checkpoint(100, Map.of(), 0));
    CheckpointWatch watch =
        new CheckpointWatch(checkpoints, 100, 1000, () -> seconds * 1_000_000_000);
    assertThat(watch.look()).isEmpty();

    seconds += 60;
    checkpoints.save(new Checkpoint(200, Map.of(), 0));
    assertThat(watch.look()).contains("step 200 of 1000, about 8 min left");
    assertThat(watch.look()).isEmpty();

    seconds += 30;
    checkpoints.save(new Checkpoint(400, Map.of(), 0));
    assertThat(watch.look()).contains("step 400 of 1000, about 3 min left");
  }
}
