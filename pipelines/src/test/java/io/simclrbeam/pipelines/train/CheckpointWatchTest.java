package io.simclrbeam.pipelines.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.checkpoint.Checkpoint;
import io.simclrbeam.model.checkpoint.Checkpoints;
import io.simclrbeam.model.train.MetricsFile;
import io.simclrbeam.model.train.MetricsLine;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.nio.file.Path;
import java.util.List;
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
    BeamFileStore model = new BeamFileStore(folder.toString());
    Checkpoints checkpoints = new Checkpoints(model);
    checkpoints.save(new Checkpoint(100, Map.of(), 0));
    CheckpointWatch watch = new CheckpointWatch(model, 100, 1000, () -> seconds * 1_000_000_000);
    assertThat(watch.look()).isEmpty();

    seconds += 60;
    checkpoints.save(new Checkpoint(200, Map.of(), 0));
    assertThat(watch.look()).contains("step 200 of 1000, about 8 min left");
    assertThat(watch.look()).isEmpty();

    seconds += 30;
    checkpoints.save(new Checkpoint(400, Map.of(), 0));
    MetricsFile.write(
        model,
        List.of(
            new MetricsLine(300, 3, 5, 0.2, 1, 99, 0.1, 1, 50, 12.34, 0.0567, 0.432),
            new MetricsLine(400, 4, 4.5, 0.25, 1, 99, 0.1, 1, null, null, null, null),
            new MetricsLine(500, 5, 4, 0.3, 1, 99, 0.1, 1, 50, 13.0, 0.06, null)));
    assertThat(watch.look())
        .contains(
            "step 400 of 1000, about 3 min left, loss 4.5000, contrastive top-1 25.0 %, kNN top-1 43.2 %, RankMe 12.3, std 0.0567 at step 300");
  }
}
