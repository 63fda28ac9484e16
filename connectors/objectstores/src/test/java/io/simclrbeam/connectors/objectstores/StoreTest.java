package io.simclrbeam.connectors.objectstores;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.tensor.Safetensors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What users do, with everything in a store; the results must be those of a local disk. A store has
 * three parts: one is open, one may only be read, and one is forbidden.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class StoreTest {
  private static final String ADVICE =
      " Check the address, the network, and what the credentials allow.";

  private static @Nullable Results onDisk;

  private Place place;
  private Results results;

  /** Starts a server; returns an empty folder of its open part. */
  abstract Place start() throws Exception;

  abstract void stop() throws Exception;

  /** Returns the address of one of the parts. */
  abstract String part(String name);

  /** Returns, as a regular expression, what the store says when it denies something. */
  abstract String denial();

  @BeforeAll
  void run(@TempDir Path disk) throws Exception {
    place = start();
    if (onDisk == null) {
      onDisk = Results.in(new Place(disk.toString(), List.of()));
    }
    results = Results.in(place);
  }

  @AfterAll
  void end() throws Exception {
    stop();
  }

  Place place() {
    return place;
  }

  @Test
  void anEncoderIsTheOneThatALocalDiskYields() {
    assertThat(results.weights()).isEqualTo(onDisk.weights());
  }

  @Test
  void embeddingsAndWhatFollowsFromThemAreThoseOfALocalDisk() {
    assertThat(results.embeddings()).hasSize(2 * Results.HALF).isEqualTo(onDisk.embeddings());
    assertThat(results.evaluation()).isEqualTo(onDisk.evaluation());
    assertThat(results.kept()).isNotEmpty().isEqualTo(onDisk.kept());
  }

  @Test
  void theSecondRunSkipsWhatTheFirstEmbedded() {
    String row = "published +%d +%d +0 +0 ";
    assertThat(results.runs())
        .containsSubsequence("model ", ", 2 runs")
        .containsPattern(row.formatted(2 * Results.HALF, 0))
        .containsPattern(row.formatted(0, 2 * Results.HALF));
  }

  @Test
  void whatIsFinishedIsMarkedAndNothingElseIsLeft() throws IOException {
    List<String> files = place.files().list("");
    assertThat(files)
        .contains("index/manifest.avro", "model/model.json", "dedup/_SUCCESS")
        .anyMatch(file -> file.matches("embeddings/model=\\w+/run=[\\w-]+/_SUCCESS"))
        .noneMatch(file -> file.contains("/.") || file.endsWith("_RUNNING"));
  }

  @Test
  void aFinishedModelIsNotTrainedAgain() {
    StoreCommand train = Results.train(place);
    assertThat(train.err()).contains("The finished model is already in " + place.path("model"));
  }

  @Test
  void trainingBeginsWithWeightsOfTheStore() throws IOException {
    for (String init : new String[] {"model", "model/encoder.safetensors"}) {
      String next = init.contains("/") ? "begun-with-a-file" : "begun-with-a-model";
      place.runPipeline(
          "train",
          "--manifest=" + place.path("index"),
          "--model=" + place.path(next),
          "--init=" + place.path(init),
          "--encoder=resnet18",
          "--width=0.125",
          "--imageSize=" + Results.SIZE,
          "--batchSize=8",
          "--steps=0",
          "--device=cpu");
      assertThat(learned(Results.read(place.files(), next + "/encoder.safetensors")))
          .isEqualTo(learned(results.weights()));
    }
  }

  /** All but BatchNorm's counts of the steps that were done, which begin anew. */
  private static Map<String, ByteBuffer> learned(byte[] safetensors) throws IOException {
    Map<String, ByteBuffer> learned = new TreeMap<>();
    Safetensors.read(new ByteArrayInputStream(safetensors))
        .forEach(
            (name, tensor) -> {
              if (!name.endsWith("num_batches_tracked")) {
                learned.put(name, tensor.data());
              }
            });
    assertThat(learned).hasSizeGreaterThan(50);
    return learned;
  }

  /** In folders of their own, beside those that the other tests look at. */
  @Test
  void deletedImagesAndKilledRunsAreSeen() throws IOException {
    Place other = place.at(place.path("other"));
    FileStore files = other.files();
    other.run("sample", "--output=" + other.path("images"), "--images=12", "--size=16");
    embedOther(other);
    List<String> images = files.list("images/").stream().sorted().toList();
    files.delete(List.of(images.get(0)));
    String model = files.list("out/").get(0).split("/", -1)[1];
    String killed = "out/%s/run=20200101T000000Z/".formatted(model);
    files.write(killed + "part-00000-of-00001.avro", out -> out.write(0));

    StoreCommand embed = embedOther(other, "--recordDeletions");

    assertThat(embed.err())
        .contains("0 images embedded", "11 skipped", "1 marked as deleted")
        .contains("Deleting ", "which was never finished");
    assertThat(files.list(killed)).isEmpty();
  }

  private StoreCommand embedOther(Place other, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "embed",
                "--input=" + other.path("images"),
                "--model=" + place.path("model"),
                "--output=" + other.path("out"),
                "--device=cpu"));
    arguments.addAll(List.of(more));
    return place.runPipeline(arguments.toArray(String[]::new));
  }

  /** Those of a folder's own, not only those of the folders in it. */
  @Test
  void imagesDirectlyInAFolderAreFound() throws IOException {
    String folder = place.files().list("images/").get(0).replaceFirst("/[^/]*$", "");
    StoreCommand index =
        place.runPipeline(
            "index", "--input=" + place.path(folder), "--output=" + place.path("index-of-one"));
    assertThat(index.err()).contains("4 images; none rejected.");
  }

  @Test
  void neighborsAndViewsAreFoundAndWritten() throws IOException {
    String image = place.files().list("images/").get(0);
    StoreCommand neighbors =
        place.run(
            "neighbors",
            "--embeddings=" + place.path("embeddings"),
            "--model=" + place.path("model"),
            "--query=" + place.path(image),
            "--k=3",
            "--device=cpu",
            "--output=" + place.path("seen/neighbors.json"));
    assertThat(neighbors.out()).contains(image.substring("images/".length()));
    place.runPipeline(
        "views",
        "--input=" + place.path("images"),
        "--imageSize=16",
        "--images=2",
        "--output=" + place.path("seen/views.png"));
    assertThat(place.files().list("seen/"))
        .containsExactlyInAnyOrder("seen/neighbors.json", "seen/views.png");
  }

  @Test
  void whatIsMissingIsNamed() {
    String nowhere = place.path("nowhere");
    assertFails(
        3,
        "No file matches --input=%s. Check the path.*".formatted(Pattern.quote(nowhere)),
        place.tryPipeline("index", "--input=" + nowhere, "--output=" + place.path("failed")));
    assertFails(
        3,
        quoted(
            "There is no manifest.avro in --manifest=%s. Make one with 'simclr index'.", nowhere),
        place.tryPipeline(
            "train", "--manifest=" + nowhere, "--model=" + place.path("failed"), "--steps=0"));
    assertFails(
        2,
        quoted(
            "There is no finished model in --model=%s: no model.json. Train one with 'simclr train'.",
            nowhere),
        place.tryPipeline(
            "embed",
            "--input=" + place.path("images"),
            "--model=" + nowhere,
            "--output=" + place.path("failed")));
    assertFails(
        3,
        quoted("There is no embedding data set in %s. 'simclr embed' makes one.", nowhere),
        place.attempt("show", nowhere));
    assertFails(
        3,
        quoted("--train: there is no embedding data set in %s; embed makes one", nowhere),
        place.attempt("evaluate", "--train=" + nowhere, "--test=" + nowhere));
  }

  @Test
  void whatMayNotBeReadIsNamed() {
    String forbidden = part("forbidden");
    assertFails(
        3,
        "--input=%s cannot be reached: %s\\. Check the address, the network, and the credentials.*"
            .formatted(Pattern.quote(forbidden + "/images"), denial()),
        place.tryPipeline(
            "index", "--input=" + forbidden + "/images", "--output=" + place.path("failed")));
    assertFails(
        1,
        denied(forbidden, "read"),
        place.tryPipeline(
            "train", "--manifest=" + forbidden, "--model=" + place.path("failed"), "--steps=0"));
    assertFails(
        1,
        denied(forbidden, "read"),
        place.tryPipeline(
            "embed",
            "--input=" + place.path("images"),
            "--model=" + forbidden + "/model",
            "--output=" + place.path("failed")));
    assertFails(1, denied(forbidden, "read"), place.attempt("show", forbidden + "/embeddings"));
  }

  @Test
  void whatMayNotBeWrittenIsNamedBeforeTheWork() {
    String output = part("readonly") + "/output";
    String images = "--input=" + place.path("images");
    for (StoreCommand run :
        List.of(
            place.tryPipeline("index", images, "--output=" + output),
            place.tryPipeline("train", images, "--model=" + output, "--steps=0"),
            place.tryPipeline(
                "embed", images, "--model=" + place.path("model"), "--output=" + output),
            place.tryPipeline(
                "dedup", "--embeddings=" + place.path("embeddings"), "--output=" + output),
            place.attempt("sample", "--output=" + output, "--images=2"))) {
      assertFails(1, denied(output, "(written|deleted)"), run);
      assertThat(run.err()).doesNotContain("Indexing", "Comparing", "Embedding");
    }
  }

  /** Compares all but what was logged on the way. */
  static void assertFails(int exitCode, String message, StoreCommand run) {
    List<String> lines =
        run.err()
            .lines()
            .filter(line -> !line.matches("(\\d\\d:\\d\\d:\\d\\d INFO | ).*"))
            .toList();
    assertThat(lines).as(run.err()).hasSize(1);
    assertThat(lines.get(0)).matches("simclr \\w+: " + message);
    assertThat(run.exitCode()).isEqualTo(exitCode);
  }

  private static String quoted(String format, Object argument) {
    return Pattern.quote(format.formatted(argument));
  }

  private String denied(String folder, String done) {
    return "%s\\S* cannot be %s: %s\\.%s"
        .formatted(Pattern.quote(folder), done, denial(), Pattern.quote(ADVICE));
  }
}
