package io.simclrbeam.runners.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The promise of the project: the same seed gives the same bytes, wherever and whatever happens.
 * The loss is the one that needs most of an image: its views and its class.
 */
final class TrainingOnRunnersIT {
  private static final int IMAGES = 100;
  private static final int STEPS = 16;
  private static final String LOSS = "--loss=supcon";
  private static final String[] PROBES = {"--probeEpochs=1", "--probeImages=40"};

  @TempDir private static Path folder;
  private static SmallRun run;
  private static byte[] expected;

  @BeforeAll
  static void trainOnce() throws Exception {
    run = new SmallRun(folder, STEPS);
    run.drawImages(IMAGES);
    sortIntoFolders(run.images(), 3);
    expected = run.expectedWeights(LOSS);
  }

  /** Gives most images a label. */
  private static void sortIntoFolders(Path images, int folders) throws IOException {
    for (int i = 0; i < IMAGES - folders; i++) {
      String name = "image-%04d.png".formatted(i);
      Path folder = Files.createDirectories(images.resolve("class-" + i % folders));
      Files.move(images.resolve(name), folder.resolve(name));
    }
  }

  @Test
  void flinkGivesTheSameBytesAtAnyParallelism() throws Exception {
    assertThat(train("flink-2", "--runner=flink", "--parallelism=2")).isEqualTo(expected);
  }

  @Test
  void theDirectRunnerGivesTheSameBytes() throws Exception {
    assertThat(train("direct", "--runner=direct")).isEqualTo(expected);
  }

  /** Six steps are an epoch. The run that was stopped and killed below is probed as well. */
  @Test
  void probesChangeNoByte() throws Exception {
    assertThat(train("probed", "--runner=flink", "--parallelism=2", PROBES[0], PROBES[1]))
        .isEqualTo(expected);
    assertThat(probedSteps("probed")).containsExactly(6L, 12L, 16L);
  }

  private static List<Long> probedSteps(String model) throws IOException {
    return Files.readAllLines(folder.resolve(model).resolve("metrics.jsonl")).stream()
        .filter(line -> line.contains("\"probe_images\":40,"))
        .map(line -> Long.parseLong(line.replaceFirst(".*\"step\":(\\d+),.*", "$1")))
        .toList();
  }

  @Test
  void roundsGiveTheSameBytes() throws Exception {
    assertThat(train("rounds", "--runner=direct", "--roundSteps=7")).isEqualTo(expected);
    assertThat(Files.readAllLines(folder.resolve("rounds/metrics.jsonl"))).hasSize(STEPS);
  }

  @Test
  void aRunThatIsStoppedAndKilledGoesOnToTheSameBytes() throws Exception {
    CommandProcess stopped = startAndAwait(2);
    stopped.interrupt();
    assertThat(stopped.exitCode()).isNotZero();
    int step = run.newestCheckpoint("killed");
    assertThat(stopped.output()).contains("Stopped at step " + step + " of 16; the same command");

    CommandProcess killed = startAndAwait(step + 2);
    killed.kill();
    assertThat(killed.output()).contains("from step " + step + " to 16");
    assertThat(folder.resolve("killed/model.json")).doesNotExist();
    assertThat(train("killed", "--runner=flink", "--parallelism=2", PROBES[0], PROBES[1]))
        .isEqualTo(expected);
    assertThat(probedSteps("killed")).as("one may be lost").endsWith(16L).doesNotHaveDuplicates();
    assertThat(Files.readAllLines(folder.resolve("killed/metrics.jsonl"))).hasSize(STEPS);
  }

  /** Starts training, and waits for the checkpoint of a step. */
  private static CommandProcess startAndAwait(int step) throws Exception {
    CommandProcess training =
        CommandProcess.start(
            run.train("killed", LOSS, "--runner=flink", "--parallelism=2", PROBES[0], PROBES[1]));
    while (training.isAlive() && run.newestCheckpoint("killed") < step) {
      FlinkCluster.pause();
    }
    return training;
  }

  private static byte[] train(String model, String... options)
      throws IOException, InterruptedException {
    String[] all = Stream.concat(Stream.of(LOSS), Stream.of(options)).toArray(String[]::new);
    return run.weights(CommandThread.start(run.train(model, all)), model);
  }
}
