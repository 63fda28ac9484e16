package io.simclrbeam.runners.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.image.Png;
import io.simclrbeam.model.sample.SampleImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The promise of the project: the same seed gives the same bytes, wherever and whatever happens.
 */
final class TrainingOnRunnersTest {
  private static final int IMAGES = 100;
  private static final int STEPS = 40;

  @TempDir private static Path folder;
  private static byte[] expected;

  @BeforeAll
  static void trainOnce() throws Exception {
    int classes = SampleImages.classNames().size();
    Path images = Files.createDirectories(folder.resolve("images"));
    for (int i = 0; i < IMAGES; i++) {
      byte[] png = Png.encode(SampleImages.draw(i % classes, i, 24, 5));
      Files.write(images.resolve("image-%03d.png".formatted(i)), png);
    }
    expected = train("flink-1", "--runner=flink", "--parallelism=1");
  }

  @Test
  void flinkGivesTheSameBytesAtAnyParallelism() throws Exception {
    assertThat(train("flink-2", "--runner=flink", "--parallelism=2")).isEqualTo(expected);
  }

  @Test
  void theDirectRunnerGivesTheSameBytes() throws Exception {
    assertThat(train("direct", "--runner=direct")).isEqualTo(expected);
  }

  @Test
  void roundsGiveTheSameBytes() throws Exception {
    assertThat(train("rounds", "--runner=direct", "--roundSteps=7")).isEqualTo(expected);
    assertThat(Files.readAllLines(folder.resolve("rounds/metrics.jsonl"))).hasSize(STEPS);
  }

  @Test
  void aKilledRunGoesOnToTheSameBytes() throws Exception {
    CommandProcess first = start("killed", "--runner=flink", "--parallelism=2");
    while (first.isAlive() && checkpoints("killed") < 2) {
      Thread.onSpinWait();
    }
    first.kill();
    assertThat(folder.resolve("killed/model.json")).doesNotExist();
    assertThat(train("killed", "--runner=flink", "--parallelism=2")).isEqualTo(expected);
    assertThat(Files.readAllLines(folder.resolve("killed/metrics.jsonl"))).hasSize(STEPS);
  }

  private static byte[] train(String model, String... options)
      throws IOException, InterruptedException {
    CommandProcess process = start(model, options);
    int exitCode = process.exitCode();
    assertThat(exitCode).as(process.output()).isZero();
    return Files.readAllBytes(folder.resolve(model).resolve("encoder.safetensors"));
  }

  private static CommandProcess start(String model, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("train"));
    arguments.add("--input=" + folder.resolve("images"));
    arguments.add("--model=" + folder.resolve(model));
    arguments.addAll(
        List.of("--encoder=resnet18", "--width=0.125", "--imageSize=24", "--batchSize=16"));
    arguments.addAll(List.of("--steps=" + STEPS, "--checkpointSteps=1", "--device=cpu"));
    arguments.addAll(Arrays.asList(options));
    return CommandProcess.start(arguments.toArray(String[]::new));
  }

  /** The number of the newest checkpoint with a seal; -1 before there is one. */
  private static int checkpoints(String model) throws IOException {
    Path checkpoints = folder.resolve(model).resolve("checkpoints");
    int newest = -1;
    for (int step = 0; step <= STEPS; step++) {
      if (Files.exists(checkpoints.resolve("step-%08d/checkpoint.json".formatted(step)))) {
        newest = step;
      }
    }
    return newest;
  }
}
