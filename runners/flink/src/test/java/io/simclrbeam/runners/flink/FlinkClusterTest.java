package io.simclrbeam.runners.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens on a cluster when its machines die. */
final class FlinkClusterTest {
  /** Embedded one by one, they take long enough to lose a machine meanwhile. */
  private static final int IMAGES = 600;

  private static final int STEPS = 50;

  /** TaskManagers go on for seconds before they notice that their JobManager is gone. */
  private static final int LONG_STEPS = 120;

  @TempDir private Path folder;

  @Test
  void jobsSurviveTheLossOfTaskManagers() throws Exception {
    SmallRun run = new SmallRun(folder, STEPS);
    run.drawImages(100);
    Path many = folder.resolve("many");
    SmallRun.drawImages(many, IMAGES);
    Files.writeString(many.resolve("broken.png"), "no picture");
    byte[] expected = run.expectedWeights();
    try (FlinkCluster cluster = FlinkCluster.start(folder, "tm-1", "tm-2")) {
      String[] onCluster = {
        "--flinkMaster=" + cluster.master(),
        "--parallelism=2",
        "--executionRetryDelay=1000",
        "--numberOfExecutionRetries=50"
      };

      // Has no end, so that Flink counts some of it however slow the machine is. It comes first:
      // a TaskManager that replaced a lost one was seen to have no metrics for minutes.
      SmallRun endless = new SmallRun(folder, Integer.MAX_VALUE);
      CommandProcess counted = CommandProcess.start(endless.train("counted", onCluster));
      long steps = 0;
      long loss = 0;
      while (counted.isAlive() && (steps == 0 || loss == 0)) {
        steps = cluster.metric("Train/Train", "_TrainSimclr_steps_done");
        loss = cluster.metric("Train/Train", "_TrainSimclr_loss_millionths");
      }
      assertThat(steps).as("as Flink counts them: %s", counted.output()).isPositive();
      assertThat(loss).as("above 0, and not far above that of chance").isBetween(1L, 5_000_000L);

      CommandProcess refused = CommandProcess.start(endless.train("counted"));
      assertThat(refused.exitCode()).isOne();
      assertThat(refused.output()).contains("counted/ is being trained by process");
      counted.interrupt();
      assertThat(counted.exitCode()).isNotZero();
      assertThat(counted.output()).contains("Canceled the job.");
      cluster.awaitNoJob();

      CommandProcess training = CommandProcess.start(run.train("killed", onCluster));
      while (training.isAlive() && run.newestCheckpoint("killed") < 3) {
        FlinkCluster.pause();
      }
      loseOne(cluster, training, "Train/Train");
      assertThat(run.weights(training, "killed")).isEqualTo(expected);
      assertThat(Files.readAllLines(folder.resolve("killed/metrics.jsonl"))).hasSize(STEPS);

      CommandProcess embedding =
          CommandProcess.start(run.embed("killed", many, folder.resolve("embeddings"), onCluster));
      loseOne(cluster, embedding, "Compute/Encode");
      embedding.assertDone();
      assertThat(embedding.output()).contains("1 rejected (1 not_an_image)");
      assertThat(embeddedIds()).hasSize(IMAGES).doesNotHaveDuplicates();

      // The TaskManagers have run jobs before, whose class loaders are gone.
      String[] detached = Arrays.copyOf(onCluster, onCluster.length + 1);
      detached[onCluster.length] = "--detach";
      CommandProcess handedOver = CommandProcess.start(run.train("second", detached));
      handedOver.assertDone();
      assertThat(handedOver.output()).contains("Handed over the job.");
      cluster.awaitNoJob();
      CommandProcess second = CommandProcess.start(run.train("second", onCluster));
      assertThat(run.weights(second, "second")).isEqualTo(expected);

      CommandProcess.start(run.dedup(folder.resolve("embeddings"), onCluster)).assertDone();
    }
  }

  @Test
  void trainingGoesOnAfterACancelAtAnotherParallelismAndAfterTheLossOfTheJobManager()
      throws Exception {
    SmallRun run = new SmallRun(folder, LONG_STEPS);
    run.drawImages(100);
    byte[] expected = run.expectedWeights();
    try (FlinkCluster cluster = FlinkCluster.start(folder, "tm-1", "tm-2")) {
      String master = "--flinkMaster=" + cluster.master();
      CommandProcess canceled = CommandProcess.start(run.train("model", master, "--parallelism=2"));
      awaitCheckpoint(run, canceled, 3);
      cluster.cancel();
      assertThat(canceled.exitCode()).isOne();
      assertThat(canceled.output()).contains("The job was canceled on the cluster.");
      int before = run.newestCheckpoint("model");

      String impatient = "--flinkConfDir=" + cluster.configuration();
      CommandProcess failed =
          CommandProcess.start(run.train("model", master, "--parallelism=3", impatient));
      awaitCheckpoint(run, failed, before + 3);
      cluster.killJobManager();
      assertThat(failed.exitCode()).isOne();
      assertThat(failed.output())
          .contains("from step " + before)
          .contains("The JobManager at " + cluster.master() + " is not there any more");
      cluster.replaceJobManager();

      CommandProcess last = CommandProcess.start(run.train("model", master));
      assertThat(run.weights(last, "model")).isEqualTo(expected);
      assertThat(Files.readAllLines(folder.resolve("model/metrics.jsonl"))).hasSize(LONG_STEPS);
    }
  }

  private static void awaitCheckpoint(SmallRun run, CommandProcess training, int step)
      throws InterruptedException {
    while (training.isAlive() && run.newestCheckpoint("model") < step) {
      FlinkCluster.pause();
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
