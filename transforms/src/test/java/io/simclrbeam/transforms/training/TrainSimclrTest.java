package io.simclrbeam.transforms.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.simclrbeam.model.augment.ViewAugmenter;
import io.simclrbeam.model.batch.BatchPlan;
import io.simclrbeam.model.checkpoint.Checkpoint;
import io.simclrbeam.model.checkpoint.CheckpointInterval;
import io.simclrbeam.model.checkpoint.Checkpoints;
import io.simclrbeam.model.checkpoint.Fence;
import io.simclrbeam.model.encoder.TinyTransformer;
import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import io.simclrbeam.model.evaluate.Probe;
import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.export.ModelExport;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.loss.MeanDistance;
import io.simclrbeam.model.loss.SupCon;
import io.simclrbeam.model.optimizer.SignDescent;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.train.MetricsFile;
import io.simclrbeam.model.train.MetricsLine;
import io.simclrbeam.model.train.ProbePlan;
import io.simclrbeam.model.train.TestSettings;
import io.simclrbeam.model.train.Trainer;
import io.simclrbeam.model.train.TrainingRun;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.embedding.Embeddings;
import io.simclrbeam.transforms.hex.HexFormat;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.index.IndexImages;
import io.simclrbeam.transforms.rejects.RejectSummary;
import io.simclrbeam.transforms.remote.RemoteFiles;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.io.TFRecordIO;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricResult;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;

final class TrainSimclrTest {
  /** Run also under the kernels of other processors. */
  private static final String KERNELS = "kernels";

  private static final int IMAGES = 23;
  private static final String JOB = "1a2b3c4d";
  private TrainingSettings settings = TestSettings.small().build();
  private ProbePlan probes = ProbePlan.NONE;

  @TempDir private Path temporary;
  private Path images;

  @BeforeEach
  void writeImages() throws IOException {
    images = temporary.resolve("images");
    TestImages.writeFolder(images, IMAGES);
  }

  @Tag(KERNELS)
  @Test
  void trainsAsAPlainLoopDoes() throws Exception {
    BeamFileStore model = index("model");
    train(model);
    assertSame(newest(model), plainLoop());
  }

  @Tag(KERNELS)
  @Test
  void trainsOnSeveralViewsInPartsAsAPlainLoopDoes() throws Exception {
    settings = settings.toBuilder().viewsPerImage(3).microBatchSize(4).build();
    BeamFileStore model = index("model");
    train(model);
    assertSame(newest(model), plainLoop());
  }

  /** Two images have no label. */
  @Tag(KERNELS)
  @ParameterizedTest
  @ValueSource(ints = {0, 4})
  void trainsOnClassesAsAPlainLoopDoes(int microBatchSize) throws Exception {
    Files.move(images.resolve("class-1/image-001.png"), images.resolve("x.png"));
    Files.move(images.resolve("class-2/image-002.png"), images.resolve("y.png"));
    BeamFileStore model = index("model");
    train(model);
    Checkpoint withoutClasses = newest(model);
    settings = settings.toBuilder().loss(new SupCon(0.5)).microBatchSize(microBatchSize).build();
    BeamFileStore supervised = index("supervised", "model");
    train(supervised);
    assertSame(newest(supervised), plainLoop());
    assertThat(newest(supervised).state().get("conv1.weight").toFloats())
        .isNotEqualTo(withoutClasses.state().get("conv1.weight").toFloats());
  }

  @Test
  void theClassOfAnImageThatIsGoneIsThatOfItsSubstitute() throws Exception {
    settings = settings.toBuilder().loss(new SupCon(0.5)).build();
    BeamFileStore model = index("model");
    TrainingSpec spec = spec(model, JOB, 7);
    long[] batch = spec.plan().images(0, 0, 6);
    long[] expected = classes(batch);
    int gone = 0;
    while (expected[gone] == classes(spec.plan().substitute(batch[gone], 0, 0))[0]) {
      gone++;
    }
    expected[gone] = classes(spec.plan().substitute(batch[gone], 0, 0))[0];
    Files.write(sortedImages().get((int) batch[gone]), new byte[1000]);

    Pipeline pipeline = DirectPipeline.checked();
    PCollection<String> found =
        pipeline
            .apply(Create.of(new SliceRequest(0, 0, 0)))
            .apply(MakeViews.of(spec))
            .apply(
                MapElements.into(TypeDescriptors.strings())
                    .via(slice -> pattern(slice.classes().stream().mapToLong(c -> c).toArray())));
    PAssert.that(found).containsInAnyOrder(pattern(expected));
    pipeline.run().waitUntilFinish();
  }

  /** Which images are of a class, whatever the number of the class is. */
  private static String pattern(long[] classes) {
    return LongStream.of(classes)
        .mapToObj(each -> LongStream.of(classes).mapToObj(c -> c == each ? "x" : "-").toList())
        .toList()
        .toString();
  }

  /** An encoder, a loss and an optimizer that only tests have, from images to embeddings. */
  @Test
  void trainsAndAppliesWhatOtherModulesBring() throws Exception {
    settings =
        settings.toBuilder()
            .encoder(new TinyTransformer(4, 8, 2))
            .loss(new MeanDistance(0.5))
            .optimizer(new SignDescent(0.9))
            .build();
    BeamFileStore model = index("model");
    train(model);
    assertSame(newest(model), plainLoop());

    ModelExport.export(
        model,
        settings,
        spec(model, JOB, 7).plan().stepsPerEpoch(),
        "none",
        Map.of(),
        Clock.systemUTC());
    assertThat(ModelCard.read(model).settings()).isEqualTo(settings);
    Pipeline pipeline = DirectPipeline.checked();
    PCollection<String> vectors =
        pipeline
            .apply(Create.of(KV.of("image", Files.readAllBytes(sortedImages().get(0)))))
            .apply(Embeddings.compute(model.location()).withDevice("cpu"))
            .get(Embeddings.EMBEDDINGS)
            .apply(
                MapElements.into(TypeDescriptors.strings())
                    .via(e -> e.id() + " " + e.vector().length));
    PAssert.that(vectors).containsInAnyOrder("image 8");
    pipeline.run().waitUntilFinish();
  }

  /** The format is one that only tests know. */
  @Test
  void trainsOnShardsToTheSameWeights() throws Exception {
    BeamFileStore model = new BeamFileStore(temporary.resolve("model").toString());
    Path shard = HexFormat.write(temporary.resolve("images.hex"), sortedImages());
    Pipeline pipeline = DirectPipeline.checked();
    pipeline.apply(IndexImages.of(List.of(shard.toString()), model.location()));
    pipeline.run().waitUntilFinish();
    train(model);
    assertSame(newest(model), plainLoop());
  }

  @Tag(KERNELS)
  @Test
  void goesOnFromAnyCheckpointToTheSameWeights() throws Exception {
    BeamFileStore model = index("model");
    train(model);
    Checkpoint whole = newest(model);
    // As if the machine had died between the checkpoints of step 4 and step 6.
    model.delete(
        List.of(
            "checkpoints/step-00000006/checkpoint.json",
            "checkpoints/step-00000007/checkpoint.json"));
    assertThat(newest(model).step()).isEqualTo(4);
    train(model);
    assertSame(newest(model), whole);
  }

  @Test
  void trainsInRoundsToTheSameWeights() throws Exception {
    BeamFileStore model = index("model");
    TrainingRun.initialize(model, settings);
    for (long last : new long[] {3, 5, settings.steps()}) {
      Pipeline pipeline = DirectPipeline.checked();
      pipeline.apply(TrainSimclr.of(spec(model, JOB, last)).inRounds());
      pipeline.run().waitUntilFinish();
      assertThat(newest(model).step()).isEqualTo(last);
    }
    assertSame(newest(model), plainLoop());
  }

  /** Three steps are an epoch, and all images are in the sample. */
  @Test
  void probesShowWhatEmbedWillAndChangeNoWeight() throws Exception {
    probes = new ProbePlan(1, 2 * IMAGES);
    BeamFileStore model = index("model");
    Map<String, Tensor> expected = plainLoop();
    train(model);
    assertSame(newest(model), expected);
    List<MetricsLine> lines = MetricsFile.read(model, 7);
    assertThat(probedSteps(lines)).containsExactly(3L, 6L, 7L);
    assertThat(lines).hasSize(7);

    ModelExport.export(model, settings, 3, "none", Map.of(), Clock.systemUTC());
    List<KV<String, byte[]>> files = new ArrayList<>();
    for (Path file : sortedImages()) {
      files.add(KV.of(images.relativize(file).toString(), Files.readAllBytes(file)));
    }
    Pipeline pipeline = DirectPipeline.checked();
    PAssert.that(
            pipeline
                .apply(Create.of(files))
                .apply(Embeddings.compute(model.location()).withDevice("cpu"))
                .get(Embeddings.EMBEDDINGS))
        .satisfies(new ExpectProbe(lines.get(6)));
    pipeline.run().waitUntilFinish();
  }

  /** The last line of metrics is what the embeddings of the finished model are like. */
  private record ExpectProbe(long images, double rankme, double std, double knn)
      implements SerializableFunction<Iterable<Embedding>, Void> {
    ExpectProbe(MetricsLine line) {
      this(
          Objects.requireNonNull(line.probeImages()),
          Objects.requireNonNull(line.probeRankme()),
          Objects.requireNonNull(line.probeEmbeddingStd()),
          Objects.requireNonNull(line.probeKnnTop1()));
    }

    @Override
    public Void apply(Iterable<Embedding> found) {
      Map<String, float[]> vectors = new TreeMap<>();
      found.forEach(embedding -> vectors.put(embedding.id(), embedding.vector()));
      List<String> ids = List.copyOf(vectors.keySet());
      int dimension = vectors.get(ids.get(0)).length;
      FloatBuffer all = FloatBuffer.allocate(ids.size() * dimension);
      vectors.values().forEach(all::put);
      Probe probe =
          Probe.of(
              LabeledEmbeddings.of(
                  ids,
                  ids.stream().map(id -> id.substring(0, id.indexOf('/'))).toList(),
                  dimension,
                  all.array()));
      assertThat(images).isEqualTo(probe.images()).isEqualTo(IMAGES);
      assertThat(rankme).isCloseTo(probe.rankme(), within(1e-3));
      assertThat(std).isCloseTo(probe.embeddingStd(), within(1e-5));
      assertThat(knn).isEqualTo(probe.knnTop1());
      return null;
    }
  }

  @Test
  void aProbeIsNeitherLostNorDoubledWhereTrainingGoesOn() throws Exception {
    probes = new ProbePlan(1, 9);
    BeamFileStore model = index("model");
    train(model);
    List<MetricsLine> whole = MetricsFile.read(model, 7);
    // As if the machine had died between the checkpoints of step 4 and step 6.
    model.delete(
        List.of(
            "checkpoints/step-00000006/checkpoint.json",
            "checkpoints/step-00000007/checkpoint.json"));
    train(model);
    BeamFileStore rounds = index("rounds", "model");
    TrainingRun.initialize(rounds, settings);
    for (long last : new long[] {3, 5, 7}) {
      Pipeline pipeline = DirectPipeline.checked();
      pipeline.apply(TrainSimclr.of(spec(rounds, JOB, last)).inRounds());
      pipeline.run().waitUntilFinish();
    }
    for (BeamFileStore again : List.of(model, rounds)) {
      List<MetricsLine> lines = MetricsFile.read(again, 7);
      assertThat(probedSteps(lines)).containsExactly(3L, 6L, 7L);
      assertThat(lines)
          .extracting(MetricsLine::step, MetricsLine::probeImages, MetricsLine::probeRankme)
          .containsExactlyElementsOf(
              whole.stream()
                  .map(line -> tuple(line.step(), line.probeImages(), line.probeRankme()))
                  .toList());
    }
    assertThat(whole).extracting(MetricsLine::probeImages).contains(9);
  }

  @Test
  void aProbeLeavesOutImagesThatAreGone() throws Exception {
    probes = new ProbePlan(1, IMAGES);
    BeamFileStore model = index("model");
    Files.write(images.resolve("class-1/image-001.png"), new byte[1000]);
    Files.delete(images.resolve("class-2/image-002.png"));
    train(model);
    assertThat(newest(model).step()).isEqualTo(7);
    assertThat(MetricsFile.read(model, 7))
        .extracting(MetricsLine::probeImages)
        .containsExactly(null, null, IMAGES - 2, null, null, IMAGES - 2, IMAGES - 2);
  }

  /** A process that is ending waits for the step and its checkpoint, not for a probe. */
  @Test
  void aJobThatIsStoppedCutsItsProbeOff() throws Exception {
    probes = new ProbePlan(1, IMAGES);
    BeamFileStore model = index("model");
    AtomicInteger looks = new AtomicInteger();
    ProbeImages sample = new ProbeImages(spec(model, JOB, 7), () -> looks.incrementAndGet() == 4);
    List<String> read = new ArrayList<>();
    assertThat(sample.read((id, label, pixels) -> read.add(id + " " + label))).isFalse();
    assertThat(read).hasSize(3).allMatch(image -> image.matches("(class-.)/image-.* \\1"));
  }

  private static List<Long> probedSteps(List<MetricsLine> lines) {
    return lines.stream()
        .filter(line -> line.probeImages() != null)
        .map(MetricsLine::step)
        .toList();
  }

  /** After a failure the runner trained in another process, and after another one it is back. */
  @Test
  void aRunThatWasLeftBehindIsDropped() throws Exception {
    BeamFileStore model = index("model");
    TrainingRun.initialize(model, settings);
    TrainingSpec spec = spec(model, JOB, settings.steps());
    TrainingRuns.Held here = TrainingRuns.open(spec, null, 0);
    assertThat(TrainingRuns.open(spec, here.key(), 0)).isSameAs(here);
    try (TrainingRun elsewhere =
        TrainingRun.resume(
            model,
            settings,
            spec.plan(),
            CheckpointInterval.ofSteps(1),
            settings.steps(),
            Device.cpu(),
            Fence.NONE)) {
      elsewhere.step(batch(spec));
    }
    assertThat(TrainingRuns.open(spec, here.key(), 0).run().stepsDone()).isZero();
    try (TrainingRuns.Held back = TrainingRuns.open(spec, here.key(), 1)) {
      assertThat(back.run().stepsDone()).isEqualTo(1);
    }
  }

  @Test
  void aJobThatIsStoppedLosesNoStep() throws Exception {
    BeamFileStore model = index("model");
    TrainingRun.initialize(model, settings);
    TrainingLease lease = TrainingLease.take(model);
    TrainingSpec spec = spec(model, lease.job(), settings.steps());
    TrainSimclr.stop("0123abcd"); // is not here
    TrainingRuns.Held held = TrainingRuns.open(spec, null, 0);
    held.step(batch(spec), new long[0]);

    TrainSimclr.stop(spec.job());
    assertThat(newest(model).step()).isEqualTo(1);
    assertWaits(() -> held.step(batch(spec), new long[0]));
    assertWaits(() -> TrainingRuns.open(spec, null, 0));
    lease.end();
    try (TrainingRuns.Held next = TrainingRuns.open(spec(model, JOB, 7), null, 0)) {
      assertThat(next.run().stepsDone()).isEqualTo(1);
    }
  }

  private static void assertWaits(Callable<?> work) throws InterruptedException {
    FutureTask<?> task = new FutureTask<>(work);
    Thread thread = new Thread(task);
    thread.start();
    while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
      Thread.onSpinWait();
    }
    thread.interrupt();
    assertThatThrownBy(task::get).hasRootCauseMessage("training was stopped");
  }

  /** A runner may start an attempt at a job while the one before is still at a step. */
  @Test
  void anAttemptThatWasGivenUpEndsAndLeavesTheOtherAlone() throws Exception {
    BeamFileStore model = index("model");
    TrainingRun.initialize(model, settings);
    TrainingSpec spec = spec(model, JOB, settings.steps());
    TrainingRuns.join(spec);
    TrainingRuns.Held old = TrainingRuns.open(spec, null, 0);
    TrainingRuns.join(spec);
    TrainingRuns.Held current = TrainingRuns.open(spec, null, 0);
    current.run().step(batch(spec));

    old.run().step(batch(spec));
    assertThatThrownBy(() -> old.run().step(batch(spec)))
        .isInstanceOf(FolderInUseException.class)
        .hasMessageContaining("ends without writing any more");
    assertThat(newest(model).step()).isZero();
    assertThatThrownBy(() -> TrainingRuns.open(spec, old.key(), 0))
        .isInstanceOf(FolderInUseException.class);
    TrainingRuns.leave(spec);
    assertThat(TrainingRuns.open(spec, current.key(), 0)).isSameAs(current);
    current.run().step(batch(spec));
    assertThat(newest(model).step()).isEqualTo(2);
    TrainingRuns.leave(spec);
  }

  @Test
  void theLastCopyOfTheDoFnSavesTheModelAndFreesIt() throws Exception {
    BeamFileStore model = index("model");
    TrainingRun.initialize(model, settings);
    TrainingSpec spec = spec(model, JOB, settings.steps());
    TrainingRuns.join(spec);
    TrainingRuns.join(spec);
    TrainingRuns.Held held = TrainingRuns.open(spec, null, 0);
    held.run().step(batch(spec));

    TrainingRuns.leave(spec);
    assertThat(TrainingRuns.open(spec, held.key(), 0)).isSameAs(held);
    assertThat(newest(model).step()).isZero();
    TrainingRuns.leave(spec);
    assertThat(newest(model).step()).isEqualTo(1);
    try (TrainingRuns.Held again = TrainingRuns.open(spec, held.key(), 0)) {
      assertThat(again).isNotSameAs(held);
      assertThat(again.run().stepsDone()).isEqualTo(1);
    }
  }

  @Test
  void anImageThatIsGoneIsReplacedAndRejectedOnce() throws Exception {
    BeamFileStore model = index("model");
    Files.write(images.resolve("class-1/image-001.png"), new byte[1000]);
    train(model);
    Checkpoint once = newest(model);
    assertThat(once.step()).isEqualTo(7);
    assertThat(RejectSummary.read(model, TrainSimclr.JOB).total()).isEqualTo(1);

    // As if the machine had died before step 2: what was rejected since then is, again, once.
    model.delete(
        List.of(
            "checkpoints/step-00000002/checkpoint.json",
            "checkpoints/step-00000004/checkpoint.json",
            "checkpoints/step-00000006/checkpoint.json",
            "checkpoints/step-00000007/checkpoint.json"));
    train(model);
    assertThat(newest(model).step()).isEqualTo(7);
    assertThat(RejectSummary.read(model, TrainSimclr.JOB).total()).isEqualTo(1);

    BeamFileStore again = index("again", "model");
    train(again);
    assertSame(newest(again), once);
  }

  @Test
  void rejectsOfDifferentStepsAreAllKept() throws Exception {
    BeamFileStore model = index("model");
    List<Path> files = sortedImages();
    for (int i = 0; i < 5; i++) {
      Files.write(files.get(4 * i), new byte[1000]);
    }
    train(model);
    assertThat(RejectSummary.read(model, TrainSimclr.JOB).total()).isEqualTo(5);
  }

  /** Moves the images to a remote store and indexes them there. */
  private PipelineResult indexRemote(BeamFileStore model) throws IOException {
    RemoteFiles.clear();
    for (Path file : sortedImages()) {
      RemoteFiles.put("photos/" + images.relativize(file), Files.readAllBytes(file));
    }
    Pipeline index = DirectPipeline.checked();
    index.apply(IndexImages.of(List.of("slow://photos"), model.location()));
    return index.run();
  }

  @Test
  void readsARemoteImageOnceInAllEpochs() throws Exception {
    BeamFileStore local = index("local");
    train(local);
    BeamFileStore model = new BeamFileStore(temporary.resolve("remote").toString());
    long indexed = counter(indexRemote(model), "images_read_from_cache");
    assertThat(indexed).as("images that were indexed again").isZero();
    assertThat(RemoteFiles.requests()).isEqualTo(IMAGES);

    RemoteFiles.resetCounts();
    TrainingRun.initialize(model, settings);
    Pipeline pipeline = DirectPipeline.checked();
    pipeline.apply(TrainSimclr.of(spec(model, JOB, settings.steps())));
    long fromCache = counter(pipeline.run(), "images_read_from_cache");
    long used = settings.steps() * settings.batchSize();
    assertThat(RemoteFiles.requests()).isBetween(1, IMAGES);
    assertThat(fromCache).isEqualTo(used - RemoteFiles.requests());
    assertSame(newest(model), newest(local));
  }

  /** Another image must not take the place of one whose store fails for a while. */
  @Test
  void aFaultThatPassesChangesNoWeight() throws Exception {
    List<Path> files = sortedImages();
    for (int i = 0; i < files.size(); i++) {
      Files.write(files.get(i), TestImages.png(1000 + i)); // no other test leaves them in the cache
    }
    BeamFileStore local = index("local");
    train(local);
    BeamFileStore model = new BeamFileStore(temporary.resolve("remote").toString());
    indexRemote(model).waitUntilFinish();
    AtomicLong requests = new AtomicLong();
    RemoteFiles.beforeRead(
        (uri, from, to) -> {
          if (requests.incrementAndGet() % 3 != 0) {
            throw new SocketTimeoutException("read timed out");
          }
        });
    train(model);
    assertThat(requests).hasValueGreaterThan(IMAGES);
    assertThat(RejectSummary.read(model, TrainSimclr.JOB).total()).isZero();
    assertSame(newest(model), newest(local));
  }

  private static long counter(PipelineResult result, String name) {
    result.waitUntilFinish();
    long sum = 0;
    for (MetricResult<Long> counter :
        result
            .metrics()
            .queryMetrics(
                MetricsFilter.builder()
                    .addNameFilter(MetricNameFilter.named(ImageReader.class, name))
                    .build())
            .getCounters()) {
      sum += counter.getAttempted();
    }
    return sum;
  }

  /** Beam's reader checks the checksums of the file. */
  @Test
  void tellsTensorBoardWhatTheMetricsFileSays() throws Exception {
    BeamFileStore model = index("model");
    train(model);
    List<String> expected =
        MetricsFile.read(model, settings.steps()).stream()
            .map(line -> line.step() + " " + (float) line.loss())
            .toList();
    assertThat(expected).hasSize(7);

    Pipeline pipeline = DirectPipeline.checked();
    PCollection<String> losses =
        pipeline
            .apply(TFRecordIO.read().from(model.location() + "tensorboard/events.out.tfevents.*"))
            .apply(ParDo.of(new LossFn()));
    PAssert.that(losses).containsInAnyOrder(expected);
    pipeline.run().waitUntilFinish();
  }

  private static final class LossFn extends DoFn<byte[], String> {
    @ProcessElement
    public void process(@Element byte[] bytes, OutputReceiver<String> out) throws IOException {
      Event event = Event.parseFrom(bytes);
      for (Summary.Value value : event.getSummary().getValueList()) {
        if (value.getTag().equals("loss")) {
          out.output(event.getStep() + " " + value.getSimpleValue());
        }
      }
    }
  }

  private BeamFileStore index(String name) {
    BeamFileStore model = new BeamFileStore(temporary.resolve(name).toString());
    Pipeline pipeline = DirectPipeline.checked();
    pipeline.apply(IndexImages.of(List.of(images.toString()), model.location()));
    pipeline.run().waitUntilFinish();
    return model;
  }

  /** A folder with the manifest of another. */
  private BeamFileStore index(String name, String other) throws IOException {
    Files.createDirectories(temporary.resolve(name));
    Files.copy(
        temporary.resolve(other).resolve("manifest.avro"),
        temporary.resolve(name).resolve("manifest.avro"));
    return new BeamFileStore(temporary.resolve(name).toString());
  }

  private List<ByteBuffer> batch(TrainingSpec spec) {
    return List.of(ByteBuffer.allocateDirect(spec.settings().batchSize() * settings.viewBytes()));
  }

  private void train(BeamFileStore model) throws IOException {
    TrainingRun.initialize(model, settings);
    try (TrainingLease lease = TrainingLease.take(model)) {
      Pipeline pipeline = DirectPipeline.checked();
      pipeline.apply(TrainSimclr.of(spec(model, lease.job(), settings.steps())));
      pipeline.run().waitUntilFinish();
      lease.end();
    }
  }

  private TrainingSpec spec(BeamFileStore model, String job, long lastStep) {
    return TrainingSpec.of(
            model.location(), IMAGES, settings, CheckpointInterval.ofSteps(2), lastStep, "cpu", job)
        .withProbes(probes);
  }

  /** The whole of training, one thing after the other, without Beam. */
  private Map<String, Tensor> plainLoop() throws Exception {
    List<Path> sorted = sortedImages();
    BatchPlan plan = new BatchPlan(IMAGES, settings.batchSize(), settings.streams());
    ViewAugmenter augmenter = new ViewAugmenter(settings.views());
    int viewBytes = 16 * 16 * 3;
    try (Trainer trainer =
        Trainer.restore(
            settings.program(),
            settings.program().write().initialize(settings.streams()),
            Device.cpu())) {
      for (long step = 0; step < settings.steps(); step++) {
        int k = settings.viewsPerImage();
        byte[] views = new byte[settings.batchSize() * k * viewBytes];
        long[] batch = plan.images(step, 0, settings.batchSize());
        for (int i = 0; i < batch.length; i++) {
          RgbImage image =
              new ImageDecoder(ExifOrientation.IGNORE)
                  .decode(Files.readAllBytes(sorted.get((int) batch[i])));
          for (int view = 0; view < k; view++) {
            augmenter.augment(
                image,
                settings.streams(),
                batch[i],
                plan.epoch(step),
                view,
                views,
                (k * i + view) * viewBytes);
          }
        }
        List<ByteBuffer> parts = new ArrayList<>();
        int from = 0;
        for (int images : settings.microBatches()) {
          int bytes = images * k * viewBytes;
          parts.add(ByteBuffer.allocateDirect(bytes).put(views, from, bytes).flip());
          from += bytes;
        }
        double rate = settings.schedule().rate(step, settings.steps());
        trainer.step(parts, classes(batch), step, rate);
      }
      Map<String, Tensor> state = new LinkedHashMap<>();
      trainer
          .state()
          .forEach((name, tensor) -> state.put(name, Tensor.of(tensor.shape(), tensor.toFloats())));
      return state;
    }
  }

  /** Returns a number for the folder of each image; without a folder, one of its own. */
  private long[] classes(long... batch) throws IOException {
    List<Path> sorted = sortedImages();
    return LongStream.of(batch)
        .map(
            image -> {
              Path folder = images.relativize(sorted.get((int) image)).getParent();
              return folder == null ? image : -1 - folder.toString().charAt(6);
            })
        .toArray();
  }

  private List<Path> sortedImages() throws IOException {
    try (var files = Files.walk(images)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static Checkpoint newest(BeamFileStore model) throws IOException {
    return new Checkpoints(model).newest().orElseThrow();
  }

  private static void assertSame(Checkpoint actual, Checkpoint expected) {
    assertThat(actual.step()).isEqualTo(expected.step());
    assertSame(actual, expected.state());
  }

  private static void assertSame(Checkpoint actual, Map<String, Tensor> expected) {
    assertThat(actual.state().keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (name, tensor) ->
            assertThat(actual.state().get(name).toFloats()).as(name).isEqualTo(tensor.toFloats()));
  }
}
