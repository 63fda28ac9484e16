package io.simclrbeam.transforms.embedding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import io.simclrbeam.model.augment.InferenceTransform;
import io.simclrbeam.model.augment.Interpolation;
import io.simclrbeam.model.batch.BatchPlan;
import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.model.embed.FrozenEncoder;
import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.export.ModelExport;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.model.tensor.Safetensors;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.train.TestSettings;
import io.simclrbeam.model.train.TrainingRun;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.dataset.QualityGates;
import io.simclrbeam.transforms.dataset.RunManifest;
import io.simclrbeam.transforms.dataset.RunSpec;
import io.simclrbeam.transforms.images.ImageLimit;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.progress.ImageProgress;
import io.simclrbeam.transforms.remote.RemoteFiles;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.model.pipeline.v1.RunnerApi;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.util.construction.PipelineTranslation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class EmbedImagesTest {
  private static final TrainingSettings SETTINGS =
      TestSettings.small().batchSize(2).steps(0).build();

  @TempDir private Path temporary;
  private BeamFileStore model;
  private ModelCard card;
  private Precision precision = Precision.FP32;
  private boolean folderLabels = true;
  private String accelerator = "";

  @BeforeEach
  void exportModel() throws IOException {
    model = new BeamFileStore(temporary.resolve("model").toString());
    TrainingRun.initialize(model, SETTINGS);
    BatchPlan plan = new BatchPlan(2, 2, RandomStreams.of(0));
    card =
        ModelExport.export(
            model, SETTINGS, plan.stepsPerEpoch(), "none", Map.of(), Clock.systemUTC());
  }

  @Test
  void everyImageGetsTheEmbeddingThatTheEncoderGivesIt() throws Exception {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 13);
    BeamFileStore run = embed(images.toString(), 5, "1", "5%");
    assertThat(run.exists("_SUCCESS")).isTrue();
    Map<String, GenericRecord> records = read(run);
    assertThat(records).hasSize(13);
    try (FrozenEncoder encoder = FrozenEncoder.load(model, Device.cpu(), Precision.FP32)) {
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
    Map<String, List<Object>> expected = byContent(embed(images.toString(), 8, "0", "0"));
    assertThat(expected).hasSize(20);
    for (String shard : List.of("a.tar", "a.avro", "a.tfrecord")) {
      String input = temporary.resolve(shard).toString();
      assertThat(byContent(embed(input, 8, shard, "0"))).as(shard).isEqualTo(expected);
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

  @ParameterizedTest
  @EnumSource(Precision.class)
  void theNumberOfImagesInABatchChangesNothing(Precision precision) throws IOException {
    assumeTrue(
        precision != Precision.INT8 || ComputeDevice.hasFastInt8(Device.cpu()),
        "no fast int8 here");
    this.precision = precision;
    Path tar = temporary.resolve("a.tar");
    TestImages.writeTar(tar, 11);
    Map<String, GenericRecord> threes = read(embed(tar.toString(), 3, "3", "5%"));
    Map<String, GenericRecord> eights = read(embed(tar.toString(), 8, "8", "5%"));
    assertThat(threes.keySet()).isEqualTo(eights.keySet());
    assertThat(threes).isEqualTo(eights);
  }

  /** As where an encoder takes so much memory that a chunk is more than a batch. */
  @Test
  void aChunkMayBeSeveralBatches() throws IOException {
    Path tar = temporary.resolve("a.tar");
    TestImages.writeTar(tar, 11);
    Map<String, GenericRecord> whole = read(embed(tar.toString(), 11, "1", "5%"));
    EmbeddingSpec spec = spec("2", 4, "5%", false);
    Pipeline pipeline = DirectPipeline.unchecked();
    pipeline.apply(EmbedImages.of(ListImages.in(List.of(tar.toString())).withChunkSize(11), spec));
    pipeline.run().waitUntilFinish();
    assertThat(read(new BeamFileStore(spec.run().folder()))).isEqualTo(whole).hasSize(11);
  }

  @Test
  void theManifestCountsEveryImageAndVouchesForEveryFile() throws IOException {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 30);
    Files.write(images.resolve("broken.png"), "no picture".getBytes(UTF_8));
    BeamFileStore run = embed(images.toString(), 8, "1", "5%");
    RunManifest manifest = RunManifest.read(run);
    assertThat(manifest.counts()).isEqualTo(new RunManifest.Counts(31, 30, 0, 0, 1, 0));
    for (RunManifest.File file : manifest.files()) {
      try (InputStream in = run.open(file.name())) {
        assertThat(Sha256.of(in)).isEqualTo(file.sha256());
      }
    }
    RunManifest again = RunManifest.read(embed(images.toString(), 4, "2", "5%"));
    assertThat(again.inputDigest()).isEqualTo(manifest.inputDigest());
    Files.delete(images.resolve("class-0/image-000.png"));
    RunManifest fewer = RunManifest.read(embed(images.toString(), 4, "3", "5%"));
    assertThat(fewer.inputDigest()).isNotEqualTo(manifest.inputDigest());
  }

  @Test
  void aSecondRunEmbedsOnlyWhatIsNewOrChanged() throws IOException {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 12);
    String input = images.toString();
    embed("1", 5, "5%", true, input);

    assertThat(RunManifest.read(embed("2", 5, "5%", true, input)).counts())
        .isEqualTo(new RunManifest.Counts(12, 0, 12, 0, 0, 0));

    Path changed = images.resolve("class-0/image-000.png");
    Files.write(changed, TestImages.png(99));
    Files.write(images.resolve("class-0/new.png"), TestImages.png(100));
    Files.delete(images.resolve("class-1/image-001.png"));
    BeamFileStore third = embed("3", 5, "5%", true, input);
    assertThat(RunManifest.read(third).counts())
        .isEqualTo(new RunManifest.Counts(12, 2, 10, 0, 0, 1));
    assertThat(read(third).keySet())
        .containsExactlyInAnyOrder(
            "class-0/image-000.png", "class-0/new.png", "class-1/image-001.png");
    assertThat(read(third).get("class-1/image-001.png").get("embedding")).isNull();

    // A full run of the same images elsewhere has the same view, to the last bit.
    Map<String, List<Float>> whole = new TreeMap<>();
    read(embed("4", 3, "5%", false, input))
        .forEach((id, record) -> whole.put(id, List.copyOf(list(record))));
    Map<String, List<Float>> view = new TreeMap<>();
    for (String run : List.of("1", "2", "3")) {
      read(store(run))
          .forEach(
              (id, record) -> {
                if (record.get("embedding") == null) {
                  view.remove(id);
                } else {
                  view.put(id, List.copyOf(list(record)));
                }
              });
    }
    assertThat(view).isEqualTo(whole);

    Files.write(images.resolve("class-1/image-001.png"), TestImages.png(1));
    assertThat(RunManifest.read(embed("5", 5, "5%", true, input)).counts())
        .as("run 4 came after the deletion and still had no such image")
        .isEqualTo(new RunManifest.Counts(13, 1, 12, 0, 0, 0));
  }

  /** The test takes part in the job, so that its counts stay. */
  @Test
  void theProgressOfASecondRunExpectsOnlyWhatItEmbeds() throws IOException {
    ImageProgress.workAlone();
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 12);
    embed("1", 5, "5%", true, images.toString());
    Files.write(images.resolve("class-0/image-000.png"), TestImages.png(99));
    Files.write(images.resolve("class-0/new.png"), TestImages.png(100));
    Files.delete(images.resolve("class-1/image-001.png"));
    String job = store("2").location();
    ImageProgress progress = ImageProgress.enter(job, "embedded");
    embed("2", 5, "5%", true, images.toString());
    assertThat(ImageProgress.expected(job)).isEqualTo(2);
    assertThat(progress.images()).isEqualTo(2);
    progress.leave();
  }

  @Test
  void labelsThatAreNewAreWrittenWithoutEncoding() throws IOException {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 12);
    folderLabels = false;
    Map<String, GenericRecord> unlabeled = read(embed("1", 5, "5%", true, images.toString()));
    assertThat(unlabeled.values()).allMatch(record -> record.get("label") == null);

    folderLabels = true;
    BeamFileStore second = embed("2", 5, "5%", true, images.toString());
    RunManifest manifest = RunManifest.read(second);
    assertThat(manifest.counts()).isEqualTo(new RunManifest.Counts(12, 0, 0, 12, 0, 0));
    assertThat(manifest.statistics()).as("no embedding was made").isNull();
    assertThat(second.exists("_SUCCESS")).isTrue();
    Map<String, GenericRecord> labeled = read(second);
    assertThat(labeled.keySet()).isEqualTo(unlabeled.keySet());
    labeled.forEach(
        (id, record) -> {
          assertThat(record.get("label")).hasToString(id.substring(0, id.indexOf('/')));
          record.put("label", null);
          assertThat(record).isEqualTo(unlabeled.get(id));
        });

    assertThat(RunManifest.read(embed("3", 5, "5%", true, images.toString())).counts())
        .isEqualTo(new RunManifest.Counts(12, 0, 12, 0, 0, 0));
  }

  @Test
  void aRunThatIsToldNoLabelsLeavesThemAsTheyAre() throws IOException {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 12);
    embed("1", 5, "5%", true, images.toString());
    Files.write(images.resolve("class-0/image-000.png"), TestImages.png(99));
    Files.write(images.resolve("class-0/new.png"), TestImages.png(100));

    folderLabels = false;
    BeamFileStore second = embed("2", 5, "5%", true, images.toString());

    assertThat(RunManifest.read(second).counts())
        .isEqualTo(new RunManifest.Counts(13, 2, 11, 0, 0, 0));
    assertThat(read(second).get("class-0/image-000.png").get("label")).hasToString("class-0");
    assertThat(read(second).get("class-0/new.png").get("label")).isNull();
  }

  @Test
  void imagesThatMovedAreFoundInTheirNewPlace() throws IOException {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 6);
    Map<String, GenericRecord> before = read(embed("1", 5, "100%", true, images.toString()));
    Path moved = Files.move(images, temporary.resolve("moved"));
    Files.write(moved.resolve("class-0/image-000.png"), TestImages.png(99));

    BeamFileStore second = embed("2", 5, "100%", true, moved.toString());

    assertThat(RunManifest.read(second).counts())
        .isEqualTo(new RunManifest.Counts(6, 1, 0, 5, 0, 0));
    read(second)
        .forEach(
            (id, record) -> {
              assertThat(record.get("uri")).hasToString(moved.resolve(id).toString());
              if (!id.equals("class-0/image-000.png")) {
                assertThat(record.get("embedding")).isEqualTo(before.get(id).get("embedding"));
              }
            });
  }

  private BeamFileStore store(String run) {
    return new BeamFileStore(
        temporary.resolve("out/model=" + card.id() + "/run=" + run).toString());
  }

  @Test
  void nothingCountsAsDeletedWhereThereMayBeMore() throws IOException {
    TestImages.writeTar(temporary.resolve("a.tar"), 6);
    TestImages.writeTar(temporary.resolve("b.tar"), 4);
    String a = temporary.resolve("a.tar").toString();
    String b = temporary.resolve("b.tar").toString();
    embed("1", 5, "100%", true, a, b);
    Files.delete(Path.of(b));
    RunManifest lost = RunManifest.read(embed("2", 5, "100%", true, a, b));
    assertThat(lost.counts()).isEqualTo(new RunManifest.Counts(7, 0, 6, 0, 1, 0));
    assertThat(lost.unlisted()).containsExactly(new RunManifest.Unlisted(b, 4));
    assertThat(RunManifest.read(embed("3", 5, "100%", true, a)).counts())
        .isEqualTo(new RunManifest.Counts(6, 0, 6, 0, 0, 4));
  }

  /**
   * What is damaged may stay so for long: images elsewhere that are gone are marked all the same.
   */
  @Test
  void onlyWhatMayBeInADamagedPlaceIsNotMarkedAsDeleted() throws IOException {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 6);
    TestImages.writeTar(images.resolve("a.tar"), 6);
    Path sub = Files.createDirectory(images.resolve("sub"));
    TestImages.writeTar(sub.resolve("a.tar"), 3);
    Path mounted = Files.createDirectory(temporary.resolve("mounted"));
    TestImages.writeTar(mounted.resolve("a.tar"), 3);
    Files.createSymbolicLink(images.resolve("mount"), mounted);
    String input = images.toString();
    assertThat(RunManifest.read(embed("1", 5, "100%", true, input)).counts().embedded())
        .isEqualTo(6 + 6 + 3 + 3);

    byte[] tar = Files.readAllBytes(images.resolve("a.tar"));
    Arrays.fill(tar, 2 * tar.length / 3, tar.length, (byte) 1);
    Files.write(images.resolve("a.tar"), tar);
    Files.delete(images.resolve("class-1/image-001.png"));
    Files.move(sub, temporary.resolve("elsewhere"));
    Files.delete(mounted.resolve("a.tar"));
    Files.delete(mounted);
    for (String run : List.of("2", "3")) {
      RunManifest manifest = RunManifest.read(embed(run, 5, "100%", true, input));
      long found = manifest.counts().input() - 5 - 2; // without the loose files and two rejects
      assertThat(found).as("images before the damage").isBetween(1L, 5L);
      assertThat(manifest.counts().deleted()).isEqualTo(run.equals("2") ? 1 + 3 : 0);
      assertThat(manifest.unlisted())
          .containsExactlyInAnyOrder(
              new RunManifest.Unlisted("a.tar", 6 - found), new RunManifest.Unlisted("mount", 3));
      assertThat(manifest.unlistedPlaces())
          .contains("no mark of deletion for 3 images, maybe in mount, which");
    }
  }

  @Test
  void anImageThatCannotBeReadAnyMoreIsRejectedAndNotDeleted() throws IOException {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 4);
    embed("1", 5, "100%", true, images.toString());
    Files.write(images.resolve("class-0/image-000.png"), new byte[0]);
    assertThat(RunManifest.read(embed("2", 5, "100%", true, images.toString())).counts())
        .isEqualTo(new RunManifest.Counts(4, 0, 3, 0, 1, 0));
  }

  @Test
  void anImageThatIsListedButCannotBeReadIsRejectedAndNotDeleted() throws IOException {
    RemoteFiles.clear();
    RemoteFiles.put("images/a.png", TestImages.png(0));
    RemoteFiles.put("images/b.png", TestImages.png(1));
    embed("1", 5, "100%", true, "slow://images/");
    RemoteFiles.beforeRead(
        (uri, from, to) -> {
          if (uri.endsWith("a.png")) {
            throw new FileNotFoundException("no file " + uri);
          }
        });
    assertThat(RunManifest.read(embed("2", 5, "100%", true, "slow://images/")).counts())
        .isEqualTo(new RunManifest.Counts(2, 0, 1, 0, 1, 0));
  }

  @Test
  void aStoreThatFailsIsNoReject() throws IOException {
    RemoteFiles.clear();
    RemoteFiles.put("images/a.png", TestImages.png(0));
    RemoteFiles.beforeRead(
        (uri, from, to) -> {
          throw new IOException("no answer");
        });
    for (boolean comparing : new boolean[] {false, true}) {
      assertThatThrownBy(() -> embed("1", 5, "100%", comparing, "slow://images/"))
          .hasStackTraceContaining("slow://images/a.png cannot be read: no answer");
    }
    assertThat(store("1").exists("_SUCCESS")).isFalse();
  }

  @Test
  void ofTwoImagesWithOneIdTheSameOneIsTakenEveryTime() throws IOException {
    for (int folder = 0; folder < 2; folder++) {
      Path images = Files.createDirectories(temporary.resolve("images-" + folder));
      Files.write(images.resolve("x.png"), TestImages.png(folder));
    }
    String first = temporary.resolve("images-0").toString();
    String second = temporary.resolve("images-1").toString();
    BeamFileStore one = embed("1", 5, "100%", true, second, first);
    assertThat(read(one).get("x.png").get("uri")).hasToString(first + "/x.png");
    assertThat(RunManifest.read(one).counts()).isEqualTo(new RunManifest.Counts(2, 1, 0, 0, 1, 0));
    assertThat(RunManifest.read(embed("2", 5, "100%", true, first, second)).counts())
        .isEqualTo(new RunManifest.Counts(2, 0, 1, 0, 1, 0));
  }

  @Test
  void canariesAreTheSameInEveryRun() throws IOException {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 6);
    RunManifest first = RunManifest.read(embed("1", 5, "5%", true, images.toString()));
    assertThat(gate(first, "maxCanaryChange").value()).isNull();
    // They are compared even when the images they were are gone.
    TestImages.writeFolder(temporary.resolve("other"), 3);
    RunManifest second =
        RunManifest.read(embed("2", 5, "5%", true, temporary.resolve("other").toString()));
    assertThat(gate(second, "maxCanaryChange").value()).isZero();
    assertThat(gate(second, "maxCanaryChange").detail())
        .isEqualTo("0 of 4 canaries have another nearest neighbor, 0 other bits; same hardware");
  }

  /** Else they would say nothing of what the images are encoded with. */
  @Test
  void canariesAskForTheDeviceThatTheImagesAreEncodedOn() {
    accelerator = "type:nvidia-l4;count:1";
    Pipeline pipeline = DirectPipeline.unchecked();
    pipeline.apply(
        "Embed", EmbedImages.of(ListImages.in(List.of("/images")), spec("1", 8, "5%", true)));
    RunnerApi.Components graph = PipelineTranslation.toProto(pipeline).getComponents();
    Map<String, String> asked = new TreeMap<>();
    for (RunnerApi.PTransform step : graph.getTransformsMap().values()) {
      if (step.getSubtransformsCount() == 0 && !step.getEnvironmentId().isEmpty()) {
        graph
            .getEnvironmentsOrThrow(step.getEnvironmentId())
            .getResourceHintsMap()
            .values()
            .forEach(
                hint ->
                    asked.put(
                        step.getUniqueName().replaceAll("/ParMultiDo.*", ""), hint.toStringUtf8()));
      }
    }
    assertThat(asked)
        .isEqualTo(
            Map.of("Embed/Canaries/Check", accelerator, "Embed/Compute/Encode", accelerator));
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void canariesAreEncodedAsTheImagesAre(Precision precision) throws IOException {
    assumeTrue(
        precision != Precision.INT8 || ComputeDevice.hasFastInt8(Device.cpu()),
        "no fast int8 here");
    this.precision = precision;
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 6);
    BeamFileStore run = embed("1", 5, "5%", true, images.toString());
    List<List<Float>> embeddings =
        read(run).values().stream().map(record -> List.copyOf(list(record))).toList();
    Map<String, Tensor> canaries;
    try (InputStream in = run.open("_CANARIES.safetensors")) {
      canaries = Safetensors.read(in);
    }
    canaries.remove("images");
    assertThat(canaries).hasSize(4);
    canaries.values().forEach(canary -> assertThat(embeddings).contains(boxed(canary.toFloats())));
  }

  private static List<Float> boxed(float[] numbers) {
    List<Float> boxed = new ArrayList<>();
    for (float number : numbers) {
      boxed.add(number);
    }
    return boxed;
  }

  @Test
  void theFirstRunInInt8IsComparedWithFloat32() throws IOException {
    assumeTrue(ComputeDevice.hasFastInt8(Device.cpu()), "no fast int8 here");
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 6);
    precision = Precision.INT8;
    RunManifest first = RunManifest.read(embed("1", 5, "5%", false, images.toString()));
    assertThat(gate(first, "maxCanaryChange").detail())
        .matches("\\d of 4 canaries have .* neighbor, 4 other bits; compared with float32");
  }

  /** A run that skips all images, or has none, must not settle what the canaries are. */
  @Test
  void canariesAreDrawnFromAllImagesEvenIfAllAreSkipped() throws IOException {
    Path images = temporary.resolve("images");
    embed("0", 5, "5%", true, images.toString());
    assertThat(
            new BeamFileStore(temporary.resolve("out/model=" + card.id()).toString())
                .exists("_canaries.avro"))
        .isFalse();
    TestImages.writeFolder(images, 6);
    embed("1", 5, "5%", true, images.toString());
    Path kept = temporary.resolve("out/model=" + card.id() + "/_canaries.avro");
    Files.delete(kept);
    RunManifest second = RunManifest.read(embed("2", 5, "5%", true, images.toString()));
    assertThat(second.counts().skipped()).isEqualTo(6);
    RunManifest third = RunManifest.read(embed("3", 5, "5%", true, images.toString()));
    assertThat(gate(third, "maxCanaryChange").detail()).startsWith("0 of 4 canaries");
  }

  private static RunManifest.Gate gate(RunManifest manifest, String name) {
    return manifest.gates().stream()
        .filter(gate -> gate.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aRunWithTooManyRejectsOrNoImagesIsNotPublished() throws IOException {
    Path images = temporary.resolve("images");
    TestImages.writeFolder(images, 3);
    Files.write(images.resolve("broken.png"), "no picture".getBytes(UTF_8));
    assertThat(embed(images.toString(), 8, "1", "5%").exists("_SUCCESS")).isFalse();
    assertThat(embed(images.toString(), 8, "2", "1").exists("_SUCCESS")).isTrue();
    BeamFileStore empty = embed(images + "/none", 8, "3", "100%");
    assertThat(empty.exists("_SUCCESS")).isFalse();
    assertThat(RunManifest.read(empty).counts().embedded()).isZero();
    assertThat(RunManifest.read(empty).passed()).as("nothing may publish it later").isFalse();
  }

  private BeamFileStore embed(String input, int batchSize, String run, String maxRejects) {
    return embed(run, batchSize, maxRejects, false, input);
  }

  private BeamFileStore embed(
      String name, int batchSize, String maxRejects, boolean comparing, String... inputs) {
    EmbeddingSpec spec = spec(name, batchSize, maxRejects, comparing);
    Pipeline pipeline = DirectPipeline.unchecked();
    pipeline.apply(EmbedImages.of(ListImages.in(List.of(inputs)).withChunkSize(batchSize), spec));
    pipeline.run().waitUntilFinish();
    return new BeamFileStore(spec.run().folder());
  }

  private EmbeddingSpec spec(String name, int batchSize, String maxRejects, boolean comparing) {
    RunSpec run =
        new RunSpec(
            temporary.resolve("out") + "/",
            card.id(),
            name,
            1234,
            card.dimension(),
            Map.of(),
            Map.of());
    Path folder = temporary.resolve("out/model=%s/run=%s".formatted(card.id(), name));
    try {
      Files.writeString(Files.createDirectories(folder).resolve("_RUNNING"), "{}");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    QualityGates gates =
        QualityGates.NONE.toBuilder()
            .maxRejects(ImageLimit.parse(maxRejects))
            .minRankMe(1.01)
            .maxNormChange(0.1)
            .maxFrechet(0.1)
            .maxCanaryChange(0)
            .build();
    return EmbeddingSpec.builder(run, model.location())
        .folderLabels(folderLabels)
        .batchSize(batchSize)
        .device("cpu")
        .accelerator(accelerator)
        .precision(precision)
        .comparing(comparing)
        .recordDeletions(comparing)
        .canaries(4)
        .gates(gates)
        .build();
  }

  @Test
  void settingsAreCheckedAndDisplayed() {
    assertThatThrownBy(() -> spec("1", 0, "5%", false)).hasMessageContaining("a batch of 0 images");
    assertThatThrownBy(() -> new RunSpec("/out", "m", "1", 0, 0, Map.of(), Map.of()))
        .hasMessage("an embedding has at least 1 number, not 0");
    EmbeddingSpec spec = spec("1", 8, "5%", true);
    EmbedImages embed = EmbedImages.of(ListImages.in(List.of("/images")), spec);
    Map<String, Object> items = new TreeMap<>();
    DisplayData.from(embed).items().forEach(item -> items.put(item.getKey(), item.getValue()));
    assertThat(items)
        .containsEntry("model", model.location())
        .containsEntry("run", spec.run().folder())
        .containsEntry("batchSize", 8L)
        .containsEntry("precision", "fp32")
        .containsEntry("canaries", 4L);
  }

  private static float[] alone(FrozenEncoder encoder, byte[] encoded) throws Exception {
    byte[] pixels = new byte[16 * 16 * 3];
    new InferenceTransform(16, Interpolation.BILINEAR)
        .apply(new ImageDecoder(ExifOrientation.IGNORE).decode(encoded), pixels, 0);
    ByteBuffer batch = ByteBuffer.allocateDirect(5 * pixels.length);
    for (int i = 0; i < 5; i++) {
      batch.put(pixels);
    }
    float[] embeddings = encoder.encode(batch.flip(), 1);
    return Arrays.copyOf(embeddings, encoder.card().dimension());
  }

  @SuppressWarnings("unchecked")
  private static List<Float> list(GenericRecord record) {
    return (List<Float>) record.get("embedding");
  }

  private static float[] floats(GenericRecord record) {
    List<Float> values = list(record);
    float[] result = new float[values.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = values.get(i);
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
