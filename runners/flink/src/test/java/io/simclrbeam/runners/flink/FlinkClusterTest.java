package io.simclrbeam.runners.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens on a cluster when its machines die. */
final class FlinkClusterTest {
  private static final int IMAGES = 2000;
  private static final int STEPS = 60;

  @TempDir private Path folder;

  @Test
  void jobsSurviveTheLossOfTaskManagers() throws Exception {
    SmallRun run = new SmallRun(folder, STEPS);
    run.drawImages(IMAGES);
    byte[] expected =
        run.weights(CommandProcess.start(run.train("embedded", "--parallelism=1")), "embedded");
    try (FlinkCluster cluster = FlinkCluster.start(folder, "tm-1", "tm-2")) {
      String[] onCluster = {"--flinkMaster=" + cluster.master(), "--parallelism=2"};

      CommandProcess training = CommandProcess.start(run.train("killed", onCluster));
      while (training.isAlive() && run.newestCheckpoint("killed") < 3) {
        Thread.onSpinWait();
      }
      loseOne(cluster, training, "Train/Train");
      assertThat(run.weights(training, "killed")).isEqualTo(expected);
      assertThat(Files.readAllLines(folder.resolve("killed/metrics.jsonl"))).hasSize(STEPS);

      CommandProcess embedding =
          CommandProcess.start(run.embed("killed", folder.resolve("embeddings"), onCluster));
      loseOne(cluster, embedding, "Compute/Encode");
      embedding.assertDone();
      assertThat(embeddedIds()).hasSize(IMAGES).doesNotHaveDuplicates();

      // The TaskManagers have run jobs before, whose class loaders are gone.
      assertThat(run.weights(CommandProcess.start(run.train("second", onCluster)), "second"))
          .isEqualTo(expected);
    }
  }

  /** Kills the TaskManager that does the work of a vertex, and starts another in its place. */
  private static void loseOne(FlinkCluster cluster, CommandProcess job, String vertex)
      throws Exception {
    String victim = "";
    while (job.isAlive() && victim.isEmpty()) {
      victim = cluster.busiest(vertex);
    }
    assertThat(victim).as(job.output()).isNotEmpty();
    cluster.kill(victim);
    cluster.startTaskManager(victim + "-replaced");
  }

  /** The ids in all parts of the one run that is there. */
  private List<String> embeddedIds() throws IOException {
    List<Path> parts;
    try (Stream<Path> files = Files.walk(folder.resolve("embeddings"))) {
      parts = files.filter(file -> file.getFileName().toString().startsWith("part-")).toList();
    }
    List<String> ids = new ArrayList<>();
    for (Path part : parts) {
      assertThat(part.resolveSibling("_SUCCESS")).exists();
      try (DataFileReader<GenericRecord> records =
          new DataFileReader<>(part.toFile(), new GenericDatumReader<>())) {
        records.forEach(record -> ids.add(record.get("id").toString()));
      }
    }
    return ids;
  }
}
