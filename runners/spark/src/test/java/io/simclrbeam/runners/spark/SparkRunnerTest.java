package io.simclrbeam.runners.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.pipelines.cli.Simclr;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes out of Spark is what comes out of the direct runner. */
final class SparkRunnerTest {
  private static final int IMAGES = 100;
  private static final int STEPS = 20;
  private static final String DIRECT = "--runner=direct";
  private static final List<String> SPARK = List.of("--runner=spark", "--sparkMaster=local[2]");

  @TempDir private static Path folder;

  @BeforeAll
  static void trainOnDirectRunner() {
    simclr(List.of(), "sample", "--output=" + images(), "--images=" + IMAGES, "--size=24");
    train(List.of(DIRECT), "direct");
  }

  @Test
  void trainingInRoundsGivesTheSameBytes() throws Exception {
    train(SPARK, "spark", "--roundSteps=7");
    assertThat(model("spark").resolve("encoder.safetensors"))
        .hasSameBinaryContentAs(model("direct").resolve("encoder.safetensors"));
    assertThat(Files.readAllLines(model("spark").resolve("metrics.jsonl"))).hasSize(STEPS);
  }

  /** Each image is a batch of its own, so that each of Spark's partitions has some. */
  @Test
  void embeddingsAreTheSameAndAllThere() throws Exception {
    embed(List.of(DIRECT), "embeddings-direct");
    embed(SPARK, "embeddings-spark");
    assertThat(embeddings("embeddings-spark"))
        .hasSize(IMAGES)
        .containsExactlyInAnyOrderElementsOf(embeddings("embeddings-direct"));
    assertThat(history("embeddings-spark")).contains("\"embedded\":" + IMAGES + ",\"skipped\":0");

    embed(SPARK, "embeddings-spark");
    assertThat(embeddings("embeddings-spark")).as("a second run adds none").hasSize(IMAGES);
    assertThat(history("embeddings-spark")).contains("\"embedded\":0,\"skipped\":" + IMAGES);
  }

  private static Path images() {
    return folder.resolve("images");
  }

  private static Path model(String name) {
    return folder.resolve(name);
  }

  private static void train(List<String> runner, String model, String... more) {
    List<String> options = new ArrayList<>(runner);
    options.addAll(List.of(more));
    simclr(
        options,
        "train",
        "--input=" + images(),
        "--model=" + model(model),
        "--width=0.125",
        "--imageSize=24",
        "--batchSize=16",
        "--steps=" + STEPS,
        "--device=cpu");
  }

  private static void embed(List<String> runner, String output) {
    simclr(
        runner,
        "embed",
        "--input=" + images(),
        "--model=" + model("direct"),
        "--output=" + folder.resolve(output),
        "--batchSize=1",
        "--device=cpu");
  }

  private static void simclr(List<String> more, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(more);
    assertThat(Simclr.run(all.toArray(String[]::new))).as(all.toString()).isZero();
  }

  /** Returns the id and vector of each record of all runs. */
  private static List<String> embeddings(String output) throws IOException {
    List<String> found = new ArrayList<>();
    for (Path part : files(output, "part-.*")) {
      try (DataFileReader<GenericRecord> records =
          new DataFileReader<>(part.toFile(), new GenericDatumReader<>())) {
        records.forEach(image -> found.add(image.get("id") + " " + image.get("embedding")));
      }
    }
    return found;
  }

  private static String history(String output) throws IOException {
    return Files.readString(files(output, "_history.jsonl").get(0));
  }

  private static List<Path> files(String output, String name) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve(output))) {
      return files.filter(file -> file.getFileName().toString().matches(name)).toList();
    }
  }
}
