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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster over its life: jobs from a client, from the packaged jar and from its REST API, and
 * what happens when its machines die. The order matters: a TaskManager that replaced a lost one was
 * seen to have no metrics for minutes.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class FlinkClusterIT {
  private static final Path JAR = Path.of(System.getProperty("job.jar"));

  /** Embedded one by one, they take long enough to lose a machine meanwhile. */
  private static final int IMAGES = 600;

  private static final int FEW_STEPS = 5;

  /** TaskManagers go on for seconds before they notice that their JobManager is gone. */
  private static final int STEPS = 120;

  @TempDir private static Path folder;

  private static SmallRun few;
  private static FlinkCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    few = new SmallRun(folder, FEW_STEPS);
    few.drawImages(100);
    cluster = FlinkCluster.start(folder, "tm-1", "tm-2");
    CommandThread.start(few.train("few")).assertDone();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static String[] onCluster(String... more) {
    return Stream.concat(
            Stream.of(
                "--flinkMaster=" + cluster.master(),
                "--parallelism=2",
                "--executionRetryDelay=1000",
                "--numberOfExecutionRetries=50"),
            Stream.of(more))
        .toArray(String[]::new);
  }

  @Test
  @Order(1)
  void stepsAreCountedAnotherTrainerIsRefusedAndACtrlCCancels() throws Exception {
    // Has no end, so that Flink counts some of it however slow the machine is.
    SmallRun endless = new SmallRun(folder, Integer.MAX_VALUE);
    CommandProcess counted = CommandProcess.start(endless.train("counted", onCluster()));
    long steps = 0;
    long loss = 0;
    while (counted.isAlive() && (steps == 0 || loss == 0)) {
      steps = cluster.metric("Train/Train", "_TrainSimclr_steps_done");
      loss = cluster.metric("Train/Train", "_TrainSimclr_loss_millionths");
    }
    assertThat(steps).as("as Flink counts them: %s", counted.output()).isPositive();
    assertThat(loss).as("above 0, and not far above that of chance").isBetween(1L, 5_000_000L);

    RunningCommand refused = CommandThread.start(endless.train("counted"));
    assertThat(refused.exitCode()).isOne();
    assertThat(refused.output()).contains("counted/ is being trained by process");

    counted.interrupt();
    assertThat(counted.exitCode()).isNotZero();
    assertThat(counted.output()).contains("Canceled the job.");
    cluster.awaitNoJob();
  }

  /** TaskManagers have run jobs before, whose class loaders are gone. */
  @Test
  @Order(2)
  void flinkRunTrainsTwiceToTheSameWeights() throws Exception {
    assertThat(JAR).exists();
    assertThat(Files.size(JAR)).as("all else is in lib").isLessThan(4 << 20);
    for (String model : List.of("first", "second")) {
      CommandProcess training = CommandProcess.startFlinkRun(cluster, JAR, few.train(model));
      assertThat(few.weights(training, model)).isEqualTo(few.weights("few"));
    }
    assertThat(cluster.taskManagersThere()).containsExactlyInAnyOrder("tm-1", "tm-2");
  }

  /** As the Kubernetes operator does for a FlinkSessionJob. */
  @Test
  @Order(3)
  void theRestApiRunsEmbed() throws Exception {
    Path embeddings = folder.resolve("embeddings-of-rest");
    String jar = cluster.upload(JAR);
    assertThat(cluster.runJar(jar, few.embed("few", few.images(), embeddings, "--precision=fp32")))
        .as(cluster.log("jobmanager"))
        .contains("jobid");
    assertThat(parts(embeddings))
        .isNotEmpty()
        .allSatisfy(
            part -> {
              assertThat(part.resolveSibling("_SUCCESS")).exists();
              assertThat(part.resolveSibling("_RUNNING")).doesNotExist();
            });

    assertThat(cluster.runJar(jar, few.train("other")))
        .as(cluster.log("jobmanager"))
        .contains("simclr ended with exit code 2");
    assertThat(cluster.log("jobmanager")).contains("nobody waits for jobs here");
    assertThat(cluster.runJar(jar, "train", "--input=/no/such/folder"))
        .contains("simclr ended with exit code 2");
    assertThat(cluster.log("jobmanager")).contains("--model=FOLDER is missing");
  }

  @Test
  @Order(4)
  void aJobThatIsHandedOverIsFinishedByTheSameCommand() throws Exception {
    RunningCommand handedOver = CommandThread.start(few.train("detached", onCluster("--detach")));
    handedOver.assertDone();
    assertThat(handedOver.output()).contains("Handed over the job.");
    cluster.awaitNoJob();
    RunningCommand finishing = CommandThread.start(few.train("detached", onCluster()));
    assertThat(few.weights(finishing, "detached")).isEqualTo(few.weights("few"));
  }

  @Test
  @Order(5)
  void anEmbeddingJobSurvivesTheLossOfATaskManager() throws Exception {
    Path many = folder.resolve("many");
    SmallRun.drawImages(many, IMAGES);
    Files.writeString(many.resolve("broken.png"), "no picture");
    Path embeddings = folder.resolve("embeddings");
    RunningCommand embedding = CommandThread.start(few.embed("few", many, embeddings, onCluster()));
    loseOne(embedding, "Compute/Encode");
    embedding.assertDone();
    assertThat(embedding.output()).contains("1 rejected (1 not_an_image)");
    assertThat(ids(embeddings)).hasSize(IMAGES).doesNotHaveDuplicates();

    CommandThread.start(few.dedup(embeddings, onCluster())).assertDone();
  }

  @Test
  @Order(6)
  void trainingSurvivesLossesAndGoesOnAfterACancelAndWithoutTheJobManager() throws Exception {
    SmallRun run = new SmallRun(folder, STEPS);
    byte[] expected = run.expectedWeights();

    RunningCommand canceled = CommandThread.start(run.train("model", onCluster()));
    awaitCheckpoint(run, canceled, 3);
    loseOne(canceled, "Train/Train");
    awaitCheckpoint(run, canceled, run.newestCheckpoint("model") + 3);
    cluster.cancel();
    assertThat(canceled.exitCode()).isOne();
    assertThat(canceled.output()).contains("The job was canceled on the cluster.");
    int before = run.newestCheckpoint("model");

    String impatient = "--flinkConfDir=" + cluster.configuration();
    RunningCommand failed =
        CommandThread.start(
            run.train("model", "--flinkMaster=" + cluster.master(), "--parallelism=3", impatient));
    awaitCheckpoint(run, failed, before + 3);
    cluster.killJobManager();
    assertThat(failed.exitCode()).isOne();
    assertThat(failed.output())
        .contains("from step " + before)
        .contains("The JobManager at " + cluster.master() + " is not there any more");
    cluster.replaceJobManager();

    RunningCommand last =
        CommandThread.start(run.train("model", "--flinkMaster=" + cluster.master()));
    assertThat(run.weights(last, "model")).isEqualTo(expected);
    assertThat(Files.readAllLines(folder.resolve("model/metrics.jsonl"))).hasSize(STEPS);
  }

  private static void awaitCheckpoint(SmallRun run, RunningCommand training, int step)
      throws InterruptedException {
    while (training.isAlive() && run.newestCheckpoint("model") < step) {
      FlinkCluster.pause();
    }
  }

  /** Kills the TaskManager that does the work of a vertex, and starts another in its place. */
  private static void loseOne(RunningCommand job, String vertex) throws Exception {
    String victim = "";
    while (job.isAlive() && victim.isEmpty()) {
      victim = cluster.busiest(vertex);
    }
    assertThat(victim).as(job.output()).isNotEmpty();
    cluster.kill(victim);
    cluster.startTaskManager(victim + "-replaced");
  }

  private static List<Path> parts(Path embeddings) throws IOException {
    try (Stream<Path> files = Files.walk(embeddings)) {
      return files.filter(file -> file.getFileName().toString().startsWith("part-")).toList();
    }
  }

  /** The ids in all parts of the one run that is there. */
  private static List<String> ids(Path embeddings) throws IOException {
    List<String> ids = new ArrayList<>();
    for (Path part : parts(embeddings)) {
      assertThat(part.resolveSibling("_SUCCESS")).exists();
      try (DataFileReader<GenericRecord> records =
          new DataFileReader<>(part.toFile(), new GenericDatumReader<>())) {
        records.forEach(record -> ids.add(record.get("id").toString()));
      }
    }
    return ids;
  }
}
