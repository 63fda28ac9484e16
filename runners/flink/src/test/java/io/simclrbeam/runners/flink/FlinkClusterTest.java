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
    drawImages();
    byte[] expected = weights(train("embedded", "--parallelism=1"), "embedded");
    try (FlinkCluster cluster = FlinkCluster.start(folder, "tm-1", "tm-2")) {
      String[] onCluster = {"--flinkMaster=" + cluster.master(), "--parallelism=2"};

      CommandProcess training = train("killed", onCluster);
      while (training.isAlive() && !hasCheckpoint("killed", 3)) {
        Thread.onSpinWait();
      }
      loseOne(cluster, training, "Train/Train");
      assertThat(weights(training, "killed")).isEqualTo(expected);
      assertThat(Files.readAllLines(folder.resolve("killed/metrics.jsonl"))).hasSize(STEPS);

      CommandProcess embedding = embed("killed", onCluster);
      loseOne(cluster, embedding, "Compute/Encode");
      assertDone(embedding);
      assertThat(embeddedIds()).hasSize(IMAGES).doesNotHaveDuplicates();

      // The TaskManagers have run jobs before, whose class loaders are gone.
      assertThat(weights(train("second", onCluster), "second")).isEqualTo(expected);
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

  private void drawImages() throws IOException {
    int classes = SampleImages.classNames().size();
    Path images = Files.createDirectories(folder.resolve("images"));
    for (int i = 0; i < IMAGES; i++) {
      byte[] png = Png.encode(SampleImages.draw(i % classes, i, 24, 5));
      Files.write(images.resolve("image-%04d.png".formatted(i)), png);
    }
  }

  private CommandProcess train(String model, String... options) throws IOException {
    return start(
        options,
        "train",
        "--input=" + folder.resolve("images"),
        "--model=" + folder.resolve(model),
        "--encoder=resnet18",
        "--width=0.125",
        "--imageSize=24",
        "--batchSize=16",
        "--steps=" + STEPS,
        "--checkpointSteps=1",
        "--device=cpu");
  }

  private CommandProcess embed(String model, String... options) throws IOException {
    return start(
        options,
        "embed",
        "--input=" + folder.resolve("images"),
        "--model=" + folder.resolve(model),
        "--output=" + folder.resolve("embeddings"),
        "--batchSize=1", // so that there is time to see it run
        "--device=cpu");
  }

  private static CommandProcess start(String[] options, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(Arrays.asList(options));
    return CommandProcess.start(all.toArray(String[]::new));
  }

  private byte[] weights(CommandProcess training, String model) throws Exception {
    assertDone(training);
    return Files.readAllBytes(folder.resolve(model).resolve("encoder.safetensors"));
  }

  private static void assertDone(CommandProcess process) throws Exception {
    int exitCode = process.exitCode();
    assertThat(exitCode).as(process.output()).isZero();
  }

  private boolean hasCheckpoint(String model, int atLeast) throws IOException {
    for (int step = atLeast; step <= STEPS; step++) {
      Path checkpoint = folder.resolve(model + "/checkpoints/step-%08d".formatted(step));
      if (Files.exists(checkpoint.resolve("checkpoint.json"))) {
        return true;
      }
    }
    return false;
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
