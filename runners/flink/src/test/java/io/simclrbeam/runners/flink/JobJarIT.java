package io.simclrbeam.runners.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar that {@code flink run} takes, as it was packaged. */
final class JobJarIT {
  private static final Path JAR = Path.of(System.getProperty("job.jar"));

  @TempDir private Path folder;

  @Test
  void flinkRunTrainsTwiceInOneTaskManager() throws Exception {
    SmallRun run = new SmallRun(folder, 5);
    run.drawImages(40);
    assertThat(JAR).exists();
    assertThat(Files.size(JAR)).as("all else is in lib").isLessThan(4 << 20);
    try (FlinkCluster cluster = FlinkCluster.start(folder, "tm")) {
      byte[] first = train(cluster, run, "first");
      assertThat(train(cluster, run, "second")).isEqualTo(first);

      CommandProcess wrong =
          CommandProcess.startFlinkRun(cluster, JAR, "train", "--input=/no/such/folder");
      assertThat(wrong.exitCode()).isNotZero();
      assertThat(wrong.output())
          .contains("--model=FOLDER is missing", "simclr ended with exit code 2");
      assertThat(cluster.taskManagersThere()).containsExactly("tm");
    }
  }

  private static byte[] train(FlinkCluster cluster, SmallRun run, String model) throws Exception {
    return run.weights(CommandProcess.startFlinkRun(cluster, JAR, run.train(model)), model);
  }
}
