package io.simclrbeam.pipelines.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.pipelines.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainJobTest {
  @TempDir private Path folder;

  @Test
  void aRunGoesOnWhereItsLastCheckpointIsDamaged() throws IOException {
    CommandRun.expecting(
        0, "sample", "--output=" + folder.resolve("images"), "--images=20", "--size=8");
    Path model = folder.resolve("model");
    train(model);
    byte[] weights = Files.readAllBytes(model.resolve("encoder.safetensors"));

    Path state = model.resolve("checkpoints/step-00000004/state.safetensors");
    byte[] bytes = Files.readAllBytes(state);
    bytes[bytes.length - 1] ^= 1;
    Files.write(state, bytes);
    Files.delete(model.resolve("model.json"));
    Files.delete(model.resolve("encoder.safetensors"));
    train(model);

    assertThat(model.resolve("model.json")).exists();
    assertThat(model.resolve("encoder.safetensors")).hasBinaryContent(weights);
  }

  @Test
  void aBatchOfMoreImagesThanThereAreIsRefusedBeforeAnyIsDecoded() {
    CommandRun.expecting(
        0, "sample", "--output=" + folder.resolve("few"), "--images=4", "--size=8");
    Path model = folder.resolve("model");
    String[] command = {
      "train",
      "--runner=direct",
      "--input=" + folder.resolve("few"),
      "--model=" + model,
      "--imageSize=8",
      "--width=0.0625",
      "--batchSize=5",
      "--steps=1"
    };
    assertThat(CommandRun.expecting(2, command).err())
        .contains("--batchSize=5 needs at least as many images, but there are 4.");
    assertThat(model).doesNotExist();

    command[command.length - 1] = "--steps=0"; // which needs no batch
    CommandRun.expecting(0, command);
    assertThat(model.resolve("model.json")).exists();
  }

  private void train(Path model) {
    CommandRun.expecting(
        0,
        "train",
        "--runner=direct",
        "--device=cpu",
        "--input=" + folder.resolve("images"),
        "--imageSize=8",
        "--width=0.0625",
        "--batchSize=8",
        "--steps=4",
        "--checkpointSteps=2",
        "--model=" + model);
  }
}
