package io.simclrbeam.transforms.embedding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.augment.InferenceTransform;
import io.simclrbeam.model.augment.Interpolation;
import io.simclrbeam.model.batch.BatchPlan;
import io.simclrbeam.model.checkpoint.TrainingRun;
import io.simclrbeam.model.encode.FrozenEncoder;
import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.export.ModelExport;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.dataset.RunManifest;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.rejects.RejectLimit;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.Pipeline;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbedImagesTest {
  private static final TrainingSettings SETTINGS =
      new TrainingSettings(
          "resnet18",
          0.0625,
          "cifar",
          true,
          ExifOrientation.IGNORE,
          AugmentSettings.simclr(16),
          2,
          0,
          0,
          0.5,
          8,
          2,
          "adamw",
          false,
          1e-3,
          1e-4,
          "fp32",
          3);

  @TempDir private Path temporary;
  private BeamFileStore model;
  private ModelCard card;

  @BeforeEach
  void exportModel() throws IOException {
    model = new BeamFileStore(temporary.resolve("model").toString());
    TrainingRun.initialise(model, SETTINGS);
    BatchPlan plan = new BatchPlan(2, 2, 0);
    card = ModelExport.export(model, SETTINGS, plan, "none", Map.of(), Clock.systemUTC());
  }

  @Test
  void everyImageGetsTheEmbeddingThatTheEncoderGivesIt() throws Exception {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 13);
    BeamFileStore run = embed(images.toString(), 5, "run=1", "5%");
    assertThat(run.exists("_SUCCESS")).isTrue();
    Map<String, GenericRecord> records = read(run);
    assertThat(records).hasSize(13);
    try (FrozenEncoder encoder = FrozenEncoder.load(model, Device.cpu())) {
      for (GenericRecord record : records.values()) {
        byte[] bytes = Files.readAllBytes(images.resolve(record.get("id").toString()));
        assertThat(floats(record)).isEqualTo(alone(encoder, bytes));
        assertThat(record.get("content_sha256")).hasToString(Sha256.of(bytes));
        assertThat(record.get("label")).hasToString(record.get("id").toString().substring(0, 7));
        assertThat(record.get("width")).isEqualTo(20);
        assertThat(record.get("height")).isEqualTo(16);
        assertThat(record.get("model_id")).hasToString(card.id());
      }
    }
  }

  @Test
  void theFormatOfAShardChangesNoBitOfAnEmbedding() throws IOException {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 20);
    TestImages.writeTar(temporary.resolve("a.tar"), 20);
    TestImages.writeAvro(temporary.resolve("a.avro"), 20, CodecFactory.deflateCodec(1));
    TestImages.writeTfRecord(temporary.resolve("a.tfrecord"), 20);
    Map<String, List<Object>> expected = byContent(embed(images.toString(), 8, "run=0", "0"));
    assertThat(expected).hasSize(20);
    for (String shard : List.of("a.tar", "a.avro", "a.tfrecord")) {
      String input = temporary.resolve(shard).toString();
      assertThat(byContent(embed(input, 8, "run=" + shard, "0"))).as(shard).isEqualTo(expected);
    }
  }

  private static Map<String, List<Object>> byContent(BeamFileStore run) throws IOException {
    Map<String, List<Object>> byContent = new TreeMap<>();
    for (GenericRecord record : read(run).values()) {
      byContent.put(
          record.get("content_sha256").toString(),
          List.of(record.get("label").toString(), List.copyOf((List<?>) record.get("embedding"))));
    }
    return byContent;
  }

  @Test
  void theNumberOfImagesInABatchChangesNothing() throws IOException {
    Path tar = temporary.resolve("a.tar");
    TestImages.writeTar(tar, 11);
    Map<String, GenericRecord> threes = read(embed(tar.toString(), 3, "run=3", "5%"));
    Map<String, GenericRecord> eights = read(embed(tar.toString(), 8, "run=8", "5%"));
    assertThat(threes.keySet()).isEqualTo(eights.keySet());
    threes.forEach((id, record) -> assertThat(close(record, eights.get(id))).as(id).isTrue());
  }

  @Test
  void theManifestCountsEveryImageAndVouchesForEveryFile() throws IOException {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 30);
    Files.write(images.resolve("broken.png"), "no picture".getBytes(UTF_8));
    BeamFileStore run = embed(images.toString(), 8, "run=1", "5%");
    RunManifest manifest = RunManifest.read(run);
    assertThat(manifest.counts()).isEqualTo(new RunManifest.Counts(31, 30, 0, 1, 0));
    for (RunManifest.File file : manifest.files()) {
      try (InputStream in = run.open(file.name())) {
        assertThat(Sha256.of(in)).isEqualTo(file.sha256());
      }
    }
    RunManifest again = RunManifest.read(embed(images.toString(), 4, "run=2", "5%"));
    assertThat(again.inputDigest()).isEqualTo(manifest.inputDigest());
    Files.delete(images.resolve("class-0/image-000.png"));
    RunManifest fewer = RunManifest.read(embed(images.toString(), 4, "run=3", "5%"));
    assertThat(fewer.inputDigest()).isNotEqualTo(manifest.inputDigest());
  }

  @Test
  void aRunWithTooManyRejectsOrNoImagesIsNotPublished() throws IOException {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 3);
    Files.write(images.resolve("broken.png"), "no picture".getBytes(UTF_8));
    assertThat(embed(images.toString(), 8, "run=1", "5%").exists("_SUCCESS")).isFalse();
    assertThat(embed(images.toString(), 8, "run=2", "1").exists("_SUCCESS")).isTrue();
    BeamFileStore empty = embed(images + "/none", 8, "run=3", "100%");
    assertThat(empty.exists("_SUCCESS")).isFalse();
    assertThat(RunManifest.read(empty).counts().embedded()).isZero();
  }

  private BeamFileStore embed(String input, int batchSize, String run, String maxRejects) {
    BeamFileStore store = new BeamFileStore(temporary.resolve("out/" + run).toString());
    EmbeddingSpec spec =
        new EmbeddingSpec(
            model.location(), card.id(), store.location(), true, batchSize, "cpu", 1234);
    Pipeline pipeline = Pipeline.create();
    pipeline.apply(
        EmbedImages.of(
            ListImages.in(List.of(input)).withChunkSize(batchSize),
            spec,
            card.dimension(),
            RejectLimit.parse(maxRejects)));
    pipeline.run().waitUntilFinish();
    return store;
  }

  private static float[] alone(FrozenEncoder encoder, byte[] encoded) throws Exception {
    byte[] pixels = new byte[16 * 16 * 3];
    new InferenceTransform(16, Interpolation.BILINEAR)
        .apply(new ImageDecoder(ExifOrientation.IGNORE).decode(encoded), pixels, 0);
    ByteBuffer batch = ByteBuffer.allocateDirect(5 * pixels.length);
    for (int i = 0; i < 5; i++) {
      batch.put(pixels);
    }
    float[] embeddings = encoder.encode(batch.flip());
    return Arrays.copyOf(embeddings, encoder.card().dimension());
  }

  private static boolean close(GenericRecord a, GenericRecord b) {
    float[] first = floats(a);
    float[] second = floats(b);
    for (int i = 0; i < first.length; i++) {
      if (Math.abs(first[i] - second[i]) > 1e-5f * (1 + Math.abs(first[i]))) {
        return false;
      }
    }
    return first.length == second.length;
  }

  private static float[] floats(GenericRecord record) {
    List<?> values = (List<?>) record.get("embedding");
    float[] result = new float[values.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = (Float) values.get(i);
    }
    return result;
  }

  private static Map<String, GenericRecord> read(BeamFileStore run) throws IOException {
    Map<String, GenericRecord> records = new TreeMap<>();
    for (String name : run.list("")) {
      if (name.startsWith("part")) {
        try (DataFileStream<GenericRecord> in =
            new DataFileStream<>(run.open(name), new GenericDatumReader<>())) {
          in.forEach(record -> records.put(record.get("id").toString(), record));
        }
      }
    }
    return records;
  }
}
