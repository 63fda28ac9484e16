package io.simclrbeam.pipelines;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simclrbeam.model.augment.Interpolation;
import io.simclrbeam.model.augment.Preprocessing;
import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.pipelines.cli.CommandRun;
import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.dataset.EmbeddingIO;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Files that an earlier version left in {@code formats/v0} can still be used. The README there says
 * what they are and how they were made.
 */
final class OldFilesTest {
  private static final Path OLD = resources();
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The folder that the old files were made in, as their URIs have it. */
  private static final String OLD_FOLDER = "/data/";

  /**
   * Kinds of processors round differently: by 3e-7 at most in what was tried. Numbers of embeddings
   * and weights are up to 1.
   */
  private static final float ROUNDING = 1e-5f;

  @TempDir private Path folder;

  private static Path resources() {
    try {
      return Path.of(Objects.requireNonNull(OldFilesTest.class.getResource("/formats/v0")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aModelGivesTheEmbeddingsThatItGave() throws IOException {
    CommandRun.expecting(
        0,
        "embed",
        "--runner=direct",
        "--device=cpu",
        "--precision=fp32",
        "--input=" + OLD.resolve("images"),
        "--model=" + OLD.resolve("model"),
        "--labels=folder",
        "--output=" + folder.resolve("out"));

    assertSameEmbeddings(OLD.resolve("avro"), folder.resolve("out"), ROUNDING);
    assertThat(runs(folder.resolve("out")).get(0).getParent().getFileName())
        .isEqualTo(runs(OLD.resolve("avro")).get(0).getParent().getFileName());
  }

  @Test
  void aFinishedModelIsLeftAlone() throws IOException {
    copy("images");
    Path model = copyOfTraining("model");
    Map<String, String> before = digests(model);

    train(model);

    assertThat(digests(model)).isEqualTo(before);
  }

  @Test
  void aTrainingRunGoesOnFromItsCheckpoint() throws IOException {
    copy("images");
    Path model = copyOfTraining("training");
    Path again = folder.resolve("again");
    copy(model, again);

    train(model);
    train(again);

    // It went on from step 2: the lines of steps 1 and 2, with their images/s, are those of then.
    assertThat(Files.readString(model.resolve("metrics.jsonl")))
        .startsWith(Files.readString(OLD.resolve("training/metrics.jsonl")))
        .hasLineCount(4);
    assertThat(model.resolve("run.json")).hasSameBinaryContentAs(OLD.resolve("training/run.json"));
    assertThat(again.resolve("encoder.safetensors"))
        .hasSameBinaryContentAs(model.resolve("encoder.safetensors"));
    assertThat(again.resolve("encoder.pt")).hasSameBinaryContentAs(model.resolve("encoder.pt"));
    // The earlier version went on from the same checkpoint, to the weights of the model kept here.
    assertSameWeights(OLD.resolve("model"), model);
    assertSameCard(OLD.resolve("model"), model);
  }

  /** It has the weights, the order of images and the views of then. */
  @Test
  void aTrainingRunWithoutCheckpointsBeginsAsItDid() throws IOException {
    copy("images");
    Path model = copyOfTraining("training");
    Files.delete(model.resolve("metrics.jsonl"));
    try (Stream<Path> files = Files.walk(model.resolve("checkpoints"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }

    train(model);

    // The seal has the digest of the weights, which depend on the seed alone.
    String seal = "checkpoints/step-00000000/checkpoint.json";
    assertThat(json(model.resolve(seal)).get("sha256"))
        .isEqualTo(json(OLD.resolve("training").resolve(seal)).get("sha256"));
    // Later steps are no measure: another rounding grows from step to step.
    assertThat(firstStep(model).get("loss").asDouble())
        .isCloseTo(firstStep(OLD.resolve("training")).get("loss").asDouble(), within(1e-4));
  }

  @ParameterizedTest
  @CsvSource({"avro", "parquet"})
  void aDataSetIsReadAsTheImagesThatItHas(String dataset) throws IOException {
    Map<String, String> images = digests(OLD.resolve("images"));
    Pipeline pipeline = Pipeline.create();
    PAssert.that(pipeline.apply(EmbeddingIO.read().from(OLD.resolve(dataset).toString())))
        .satisfies(
            embeddings -> {
              Map<String, String> found = new TreeMap<>();
              for (Embedding embedding : embeddings) {
                String id = embedding.id();
                assertThat(found.put(id, embedding.contentSha256())).isNull();
                assertThat(embedding.uri()).isEqualTo(OLD_FOLDER + "images/" + id);
                assertThat(embedding.label()).isEqualTo(id.substring(0, id.indexOf('/')));
                assertThat(embedding.width()).isEqualTo(8);
                assertThat(embedding.height()).isEqualTo(8);
                assertThat(embedding.modelId()).isEqualTo("7043e99c1d49");
                assertThat(embedding.embeddedAt().toString()).startsWith("2026-11-29T09:2");
                assertThat(embedding.vector()).hasSize(8);
              }
              assertThat(found).isEqualTo(images);
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  @Test
  void theNumbersOfBothFormatsAreTheSame() {
    // An int8 is within half of 1/127 of the largest number, which is below 0.4.
    assertSameEmbeddings(OLD.resolve("avro"), OLD.resolve("parquet"), 0.4f / 127 / 2);
  }

  @Test
  void theRunsOfADataSetAreShownComparedAndEvaluated() throws IOException {
    Path avro = OLD.resolve("avro");
    List<Path> runs = runs(avro);
    assertThat(CommandRun.expecting(0, "show", avro.toString()).out())
        .contains("model 7043e99c1d49, 2 runs")
        // embedded, skipped, updated, rejected, deleted
        .containsPattern("20261129T092136Z +published +19 +0 +0 +0 +0 ")
        .containsPattern("20261129T092303Z +published +3 +17 +0 +0 +1 ");
    assertThat(
            CommandRun.expecting(0, "diff", runs.get(0).toString(), runs.get(1).toString()).out())
        .contains("setting recordDeletions: false, then true", "images: 19, then 20")
        .containsSubsequence("2 new", "zigzags/zigzags-00001.png", "zigzags/zigzags-00002.png")
        .containsSubsequence("1 with other content", "rings/rings-00001.png")
        .containsSubsequence("1 gone", "dots/dots-00003.png");

    // The nearest to each image is the same image; int8 blurs that for some.
    assertThat(knnTop1(avro)).isEqualTo(1);
    assertThat(knnTop1(OLD.resolve("parquet"))).isBetween(0.5, 1.0);
  }

  /**
   * The share of a data set's images whose nearest image in the Avro data set is of their class.
   */
  private double knnTop1(Path test) {
    Path results = folder.resolve("evaluation.json");
    CommandRun.expecting(
        0,
        "evaluate",
        "--train=" + OLD.resolve("avro"),
        "--test=" + test,
        "--knn=1",
        "--output=" + results);
    return json(results).get("knn_top1").asDouble();
  }

  @ParameterizedTest
  @CsvSource({"avro, float32, 19", "parquet, int8, 20"})
  void aDataSetIsAddedTo(String format, String vectors, int canaries) throws IOException {
    Path images = copy("images");
    Path dataset = copy(format);
    List<Path> before = runs(dataset);
    Files.copy(images.resolve("dots/dots-00001.png"), images.resolve("dots/new.png"));
    Files.delete(images.resolve("rings/rings-00002.png"));
    Files.copy(images.resolve("dots/dots-00002.png"), images.resolve("rings/rings-00002.png"));

    CommandRun.expecting(
        0,
        "embed",
        "--runner=direct",
        "--device=cpu",
        "--input=" + images,
        "--model=" + OLD.resolve("model"),
        "--labels=folder",
        "--format=" + format,
        "--vectors=" + vectors,
        "--maxCanaryChange=1", // where rounding differs, so may the nearest of two
        "--output=" + dataset);

    List<Path> runs = runs(dataset);
    assertThat(runs).hasSize(before.size() + 1).containsAll(before);
    Path run = runs.get(before.size());
    JsonNode manifest = json(run.resolve("_MANIFEST.json"));
    assertThat(manifest.get("counts"))
        .isEqualTo(
            JSON.readTree(
                """
                {"input": 21, "embedded": 2, "skipped": 0, "updated": 19, "rejected": 0,
                 "deleted": 0}"""));
    // Taken over from the run before, as none was asked for.
    assertThat(manifest.get("settings").get("precision").asText()).isEqualTo("fp32");
    assertThat(manifest.get("gates").toString()).contains(" of " + canaries + " canaries");
    List<String> lines = Files.readAllLines(run.resolveSibling("_history.jsonl"));
    assertThat(run.resolveSibling("history.jsonl")).as("out of date").doesNotExist();
    List<String> old =
        Files.readAllLines(
            OLD.resolve(format)
                .resolve(dataset.relativize(run.getParent()))
                .resolve("history.jsonl"));
    assertThat(lines).hasSize(runs.size());
    // The lines are made anew from the manifests, and tell what they told.
    for (int i = 0; i < old.size(); i++) {
      for (String field : List.of("run", "finished_at", "gates")) {
        assertThat(JSON.readTree(lines.get(i)).get(field))
            .isEqualTo(JSON.readTree(old.get(i)).get(field));
      }
      ObjectNode counts = (ObjectNode) JSON.readTree(lines.get(i)).get("counts");
      assertThat(counts.remove("updated").asInt()).isZero();
      assertThat(counts).isEqualTo(JSON.readTree(old.get(i)).get("counts"));
      assertThat(JSON.readTree(lines.get(i)).get("statistics").get("norm_std"))
          .isEqualTo(JSON.readTree(old.get(i)).get("statistics").get("norm_deviation"));
    }
    assertThat(
            CommandRun.expecting(
                    0, "diff", before.get(before.size() - 1).toString(), run.toString())
                .out())
        .contains("images: 20, then 21")
        .containsSubsequence("1 new", "dots/new.png")
        .containsSubsequence("1 with other content", "rings/rings-00002.png")
        .contains("0 gone");
    Set<String> fields =
        new TreeSet<>(
            values(json(before.get(before.size() - 1).resolve("_MANIFEST.json"))).keySet());
    assertThat(fields.remove("statistics/norm_deviation")).isTrue();
    assertThat(values(manifest).keySet())
        .containsAll(fields)
        .contains("format_version", "statistics/norm_std");
  }

  @Test
  void theImagesOfAManifestAreEmbedded() throws IOException {
    copy("images");
    Path dataset = copy("avro");

    CommandRun.expecting(
        0,
        "embed",
        "--runner=direct",
        "--device=cpu",
        "--manifest=" + copyOfTraining("training"),
        "--model=" + OLD.resolve("model"),
        "--labels=folder",
        "--maxCanaryChange=1",
        "--output=" + dataset);

    assertThat(json(runs(dataset).get(2).resolve("_MANIFEST.json")).get("counts"))
        .isEqualTo(
            JSON.readTree(
                """
                {"input": 20, "embedded": 0, "skipped": 0, "updated": 20, "rejected": 0,
                 "deleted": 0}"""));
  }

  /** The command that the old training was made with. */
  private void train(Path model) {
    CommandRun.expecting(
        0,
        "train",
        "--runner=direct",
        "--device=cpu",
        "--precision=fp32",
        "--input=" + folder.resolve("images"),
        "--imageSize=8",
        "--width=0.015625",
        "--projectionDim=2",
        "--batchSize=8",
        "--steps=4",
        "--optimizer=sgd",
        "--learningRate=0.05",
        "--checkpointSteps=2",
        "--roundSteps=2",
        "--model=" + model);
  }

  private Path copy(String name) throws IOException {
    return copy(OLD.resolve(name), folder.resolve(name));
  }

  private static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
    return to;
  }

  /**
   * Copies a folder of {@code train}. Its manifest names images by where they were, so they are
   * given the place that they have in this test; the records are otherwise as they were. A folder's
   * own manifest is known by its inputs, so no digest has to be changed.
   */
  private Path copyOfTraining(String name) throws IOException {
    Path copy = copy(name);
    Path manifest = copy.resolve("manifest.avro");
    Path moved = copy.resolve("moved.avro");
    try (DataFileReader<GenericRecord> reader =
            new DataFileReader<>(manifest.toFile(), new GenericDatumReader<>());
        DataFileWriter<GenericRecord> writer =
            new DataFileWriter<>(new GenericDatumWriter<>(reader.getSchema()))) {
      writer.setCodec(CodecFactory.fromString(reader.getMetaString("avro.codec")));
      for (String key : reader.getMetaKeys()) {
        if (!key.startsWith("avro.")) {
          writer.setMeta(key, moved(reader.getMetaString(key)));
        }
      }
      writer.create(reader.getSchema(), moved.toFile());
      for (GenericRecord record : reader) {
        record.put("uri", moved(record.get("uri").toString()));
        writer.append(record);
      }
    }
    Files.delete(manifest);
    Files.move(moved, manifest);
    return copy;
  }

  private String moved(String place) {
    assertThat(place).startsWith(OLD_FOLDER);
    return folder.resolve(place.substring(OLD_FOLDER.length())).toString();
  }

  /** The runs of a data set of one model, the oldest first. */
  private static List<Path> runs(Path dataset) throws IOException {
    try (Stream<Path> paths = Files.find(dataset, 2, (path, file) -> file.isDirectory())) {
      return paths
          .filter(path -> path.getFileName().toString().startsWith("run="))
          .sorted()
          .toList();
    }
  }

  /** The SHA-256 of each file below a folder. */
  private static Map<String, String> digests(Path folder) throws IOException {
    Map<String, String> digests = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        digests.put(folder.relativize(file).toString(), HexFormat.of().formatHex(digest));
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    return digests;
  }

  /** Two data sets have the same images, with the same numbers up to a difference. */
  private static void assertSameEmbeddings(Path old, Path now, float difference) {
    Pipeline pipeline = Pipeline.create();
    PCollection<Embedding> both =
        PCollectionList.of(pipeline.apply("Old", EmbeddingIO.read().from(old.toString())))
            .and(pipeline.apply("Now", EmbeddingIO.read().from(now.toString())))
            .apply(Flatten.pCollections());
    PAssert.that(both)
        .satisfies(
            embeddings -> {
              Map<String, List<Embedding>> byId = new HashMap<>();
              for (Embedding embedding : embeddings) {
                byId.computeIfAbsent(embedding.id(), id -> new ArrayList<>()).add(embedding);
              }
              assertThat(byId).hasSize(20);
              for (List<Embedding> pair : byId.values()) {
                assertThat(pair).hasSize(2);
                Embedding first = pair.get(0);
                Embedding second = pair.get(1);
                assertThat(first.contentSha256()).isEqualTo(second.contentSha256());
                assertThat(first.label()).isEqualTo(second.label());
                assertThat(first.modelId()).isEqualTo(second.modelId());
                assertThat(first.vector()).containsExactly(second.vector(), within(difference));
              }
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  /**
   * The tensors of two encoders have the same names, types and shapes, and the same numbers up to
   * rounding, which differs between versions and kinds of processors.
   */
  private static void assertSameWeights(Path old, Path now) throws IOException {
    ByteBuffer expected = weights(old);
    ByteBuffer actual = weights(now);
    assertThat(header(actual)).isEqualTo(header(expected)).contains("\"F32\"");
    FloatBuffer expectedNumbers = expected.asFloatBuffer();
    FloatBuffer actualNumbers = actual.asFloatBuffer();
    assertThat(actualNumbers.remaining()).isEqualTo(expectedNumbers.remaining()).isPositive();
    float worst = 0;
    while (expectedNumbers.hasRemaining()) {
      worst = Math.max(worst, Math.abs(actualNumbers.get() - expectedNumbers.get()));
    }
    assertThat(worst).isLessThan(ROUNDING);
  }

  private static ByteBuffer weights(Path model) throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(model.resolve("encoder.safetensors")))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String header(ByteBuffer safetensors) {
    byte[] header = new byte[Math.toIntExact(safetensors.getLong())];
    safetensors.get(header);
    return new String(header, UTF_8);
  }

  /** A card tells of the same training as the old one, whose settings are flat. */
  private static void assertSameCard(Path old, Path now) throws IOException {
    ModelCard expected = ModelCard.read(new BeamFileStore(old.toString()));
    ModelCard actual = ModelCard.read(new BeamFileStore(now.toString()));
    assertThat(json(old.resolve("model.json")).has("format_version")).isFalse();
    assertThat(expected.formatVersion()).isZero();
    assertThat(actual.formatVersion()).isEqualTo(FileKind.MODEL_CARD.version());
    assertThat(actual.settings()).isEqualTo(expected.settings());
    assertThat(expected.preprocessing()).as("not said before").isNull();
    assertThat(actual.preprocessing())
        .isEqualTo(Preprocessing.of(expected.imageSize(), Interpolation.BILINEAR));
    assertThat(actual)
        .usingRecursiveComparison()
        .ignoringFields(
            "formatVersion",
            "preprocessing",
            "imagesPerSecond",
            "finalLoss",
            "contrastiveTop1",
            "manifestSha256",
            "createdAt",
            "files",
            "versions")
        .isEqualTo(expected);
    assertThat(actual.files().keySet()).isEqualTo(expected.files().keySet());
    assertThat(actual.versions().keySet()).isEqualTo(expected.versions().keySet());
  }

  private static JsonNode firstStep(Path model) throws IOException {
    return JSON.readTree(Files.readAllLines(model.resolve("metrics.jsonl")).get(0));
  }

  private static JsonNode json(Path file) {
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The values in an object and in those inside of it, by their names. */
  private static Map<String, JsonNode> values(JsonNode object) {
    Map<String, JsonNode> values = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (field.getValue().isObject()) {
        values(field.getValue())
            .forEach((name, value) -> values.put(field.getKey() + "/" + name, value));
      } else {
        values.put(field.getKey(), field.getValue());
      }
    }
    return values;
  }
}
