package io.simclrbeam.runners.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
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

  /** As the Kubernetes operator does for a FlinkSessionJob. */
  @Test
  void theRestApiRunsEmbed() throws Exception {
    SmallRun run = new SmallRun(folder, 0);
    run.drawImages(40);
    run.weights(CommandProcess.start(run.train("model")), "model");
    Path embeddings = folder.resolve("embeddings");
    try (FlinkCluster cluster = FlinkCluster.start(folder, "tm")) {
      String jar = cluster.upload(JAR);

      assertThat(
              cluster.runJar(jar, run.embed("model", run.images(), embeddings, "--precision=fp32")))
          .as(cluster.log("jobmanager"))
          .contains("jobid");
      assertThat(published(embeddings))
          .singleElement()
          .satisfies(done -> assertThat(done.resolveSibling("_RUNNING")).doesNotExist());

      assertThat(cluster.runJar(jar, run.train("other")))
          .as(cluster.log("jobmanager"))
          .contains("simclr ended with exit code 2");
      assertThat(cluster.log("jobmanager")).contains("nobody waits for jobs here");
    }
  }

  private static List<Path> published(Path embeddings) throws IOException {
    try (Stream<Path> files = Files.walk(embeddings)) {
      return files.filter(file -> file.endsWith("_SUCCESS")).toList();
    }
  }

  private static byte[] train(FlinkCluster cluster, SmallRun run, String model) throws Exception {
    return run.weights(CommandProcess.startFlinkRun(cluster, JAR, run.train(model)), model);
  }
}
