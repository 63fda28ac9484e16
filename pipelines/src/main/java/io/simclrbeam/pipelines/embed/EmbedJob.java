package io.simclrbeam.pipelines.embed;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.model.embed.FrozenEncoder;
import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.Versions;
import io.simclrbeam.pipelines.dataset.CompactJob;
import io.simclrbeam.pipelines.dataset.OpenLineageEvent;
import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.pipelines.runner.Launcher;
import io.simclrbeam.pipelines.runner.WorkerDevice;
import io.simclrbeam.transforms.dataset.DatasetRun;
import io.simclrbeam.transforms.dataset.FileFormat;
import io.simclrbeam.transforms.dataset.Findings;
import io.simclrbeam.transforms.dataset.PartFormat;
import io.simclrbeam.transforms.dataset.RunLease;
import io.simclrbeam.transforms.dataset.RunManifest;
import io.simclrbeam.transforms.dataset.RunSpec;
import io.simclrbeam.transforms.dataset.WriteRun;
import io.simclrbeam.transforms.embedding.EmbedImages;
import io.simclrbeam.transforms.embedding.EmbeddingSpec;
import io.simclrbeam.transforms.rejects.RejectSummary;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.LocalPaths;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns images into a run of an embedding data set. */
public final class EmbedJob {
  private static final Logger LOG = LoggerFactory.getLogger(EmbedJob.class);

  /** A batch is one buffer, with room for a few more images. */
  private static final long MOST_BATCH_BYTES = 2_000_000_000;

  /** Among the settings of a run, what its data set stays with. */
  private static final String PRECISION = "precision";

  /** Pixels in a batch: large enough to keep a core busy, small enough for any cache. */
  private static final int BATCH_PIXELS = 1 << 18;

  /** A GPU has more cores to keep busy. */
  private static final int GPU_BATCH_PIXELS = 1 << 23;

  private EmbedJob() {}

  /**
   * Runs the job to its end.
   *
   * @throws JobException if it cannot be done, with the reason
   */
  public static void run(EmbedArgs args, Launcher launcher) throws IOException {
    args.source().check();
    FileStore model = new BeamFileStore(args.model());
    ModelCard card;
    try {
      card = ModelCard.read(model);
    } catch (FileNotFoundException e) {
      throw new JobException(
          ExitCode.USAGE,
          "There is no finished model in --model=%s: no model.json. Train one with 'simclr train'."
              .formatted(args.model()));
    }
    Pipeline pipeline = launcher.createPipeline(JobKind.BATCH);
    WorkerDevice device =
        WorkerDevice.of(args.device(), args.accelerator(), launcher.runsElsewhere());
    @Nullable TableOutput table = TableOutput.of(args.output());
    String dataset =
        new BeamFileStore(
                table == null
                    ? args.output()
                    : table.folder(pipeline.getOptions().getTempLocation()))
            .location();
    PartFormat format = format(args, DatasetRun.listOf(dataset, card.id()));
    if (table != null) {
      table.rehearse(format.vectors(), pipeline.getOptions());
    }
    try (RunLease lease = RunLease.take(dataset, card.id(), Clock.systemUTC(), args.patience())) {
      EmbeddingSpec spec = spec(args, format, dataset, table != null, card, lease, device);
      if (!launcher.runsElsewhere()) {
        checkPrecision(card, args.device(), spec.precision());
      }
      LOG.info(
          "Embedding the images of {} with model {} in {}.",
          args.source(),
          card.id(),
          spec.precision().code());
      EmbedImages embedding = EmbedImages.of(list(args, spec), spec).withFormat(format);
      DatasetRun run = new DatasetRun(card.id(), lease.name(), spec.run().folder());
      if (table != null) {
        embedding = embedding.withLoad(table.loader().load(table.table(), run, format.vectors()));
      }
      PCollection<Boolean> published = pipeline.apply("Embed", embedding);
      if (args.openLineage() != null) {
        published.apply("TellOpenLineage", ParDo.of(new TellFn(run)));
      }
      if (!launcher.runOrHandOver(pipeline, lease)) {
        return;
      }
      report(args, lease);
      if (table != null) {
        LOG.info("Loaded into {} as run {}.", table.table(), lease.name());
      }
    }
    if (args.compactAfter() > 0) {
      CompactJob.runAfter(args.compactAfter(), dataset, card.id(), launcher);
    }
  }

  private static final class TellFn extends DoFn<Boolean, Void> {
    private final DatasetRun run;

    TellFn(DatasetRun run) {
      this.run = run;
    }

    @ProcessElement
    public void process(@Element Boolean published) {
      if (published) {
        OpenLineageEvent.send(run);
      }
    }
  }

  private static PTransform<PBegin, PCollectionTuple> list(EmbedArgs args, EmbeddingSpec spec) {
    if (!spec.comparing()) {
      return args.source().list(spec.batchSize(), spec.run().folder());
    }
    // Of images that are compared first, fewer are embedded than found.
    return args.verifyContent()
        ? args.source().list(spec.batchSize(), null)
        : args.source().listNews(spec.batchSize(), Findings.read(spec.run(), args.retryRejects()));
  }

  private static EmbeddingSpec spec(
      EmbedArgs args,
      PartFormat format,
      String dataset,
      boolean toTable,
      ModelCard card,
      RunLease lease,
      WorkerDevice device)
      throws IOException {
    int batchSize = args.batchSize() != null ? args.batchSize() : batchSize(card, device);
    if ((long) AugmentSettings.viewBytes(card.imageSize()) * batchSize > MOST_BATCH_BYTES) {
      throw new JobException(
          ExitCode.USAGE,
          "--batchSize=%d of images of %d pixels is more than %,d bytes; choose a smaller one."
              .formatted(batchSize, card.imageSize(), MOST_BATCH_BYTES));
    }
    List<DatasetRun> earlier = DatasetRun.listOf(dataset, card.id());
    Precision precision = precision(args, earlier, device);
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("source", args.source().toString());
    settings.put("model", LocalPaths.absolute(args.model()));
    settings.put(OpenLineageEvent.ENCODER_SHA256, card.files().get(ModelCard.ENCODER_PT));
    settings.put(OpenLineageEvent.INPUTS, String.join("\n", args.source().places()));
    if (args.openLineage() != null) {
      settings.put(OpenLineageEvent.PLACE, args.openLineage());
    }
    if (toTable) {
      settings.put(RunManifest.TABLE, args.output());
    }
    settings.put("labels", args.folderLabels() ? "folder" : "none");
    settings.put(
        Findings.READING, args.source().reading() + (args.folderLabels() ? " labels" : ""));
    settings.put("batchSize", Integer.toString(batchSize));
    settings.put(RunManifest.FORMAT, format.files().code());
    settings.put(RunManifest.VECTORS, format.vectors().code());
    settings.put("device", args.device());
    settings.put(PRECISION, precision.code());
    settings.put("incremental", Boolean.toString(args.incremental()));
    settings.put("recordDeletions", Boolean.toString(args.recordDeletions()));
    settings.put("canaries", Integer.toString(args.canaries()));
    RunSpec run =
        new RunSpec(
            dataset,
            card.id(),
            lease.name(),
            lease.startedAt().toEpochMilli(),
            card.dimension(),
            settings,
            versions());
    // Several inputs may have images of one id, which the comparison finds too.
    boolean several = args.source().inputs().size() > 1;
    return EmbeddingSpec.builder(run, new BeamFileStore(args.model()).location())
        .folderLabels(args.folderLabels())
        .maxPixels(args.source().maxPixels())
        .batchSize(batchSize)
        .device(args.device())
        .accelerator(args.accelerator())
        .precision(precision)
        .comparing(args.incremental() && (!earlier.isEmpty() || several))
        .recordDeletions(args.recordDeletions())
        .canaries(args.canaries())
        .gates(args.gates())
        .build();
  }

  private static Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>(Versions.here());
    versions.put(Findings.DECODER, Integer.toString(ImageDecoder.VERSION));
    return versions;
  }

  /** A data set stays with the arithmetic that it began with, so that runs can be compared. */
  private static Precision precision(EmbedArgs args, List<DatasetRun> earlier, WorkerDevice device)
      throws IOException {
    if (args.precision() != null) {
      return args.precision();
    }
    @Nullable String last = setting(PRECISION, earlier);
    return last != null
        ? Precision.of(last)
        : device.hasFastBf16() ? Precision.BF16 : Precision.FP32;
  }

  /** A data set stays with the format that it began with, so that its readers can go on. */
  private static PartFormat format(EmbedArgs args, List<DatasetRun> earlier) throws IOException {
    @Nullable String files = setting(RunManifest.FORMAT, earlier);
    @Nullable String vectors = setting(RunManifest.VECTORS, earlier);
    try {
      return args.format()
          .in(
              files == null ? null : FileFormat.of(files),
              vectors == null ? null : VectorFormat.of(vectors));
    } catch (IllegalArgumentException e) {
      throw new JobException(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  /** Returns a setting of the newest run that has it; null if there is none. */
  private static @Nullable String setting(String name, List<DatasetRun> runs) throws IOException {
    for (DatasetRun run : runs) {
      @Nullable String value =
          RunManifest.read(new BeamFileStore(run.folder())).settings().get(name);
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  private static void checkPrecision(ModelCard card, String device, Precision precision) {
    try {
      FrozenEncoder.check(
          card.settings().encoder(), card.imageSize(), ComputeDevice.resolve(device), precision);
    } catch (IllegalArgumentException e) {
      throw new JobException(
          ExitCode.USAGE, "--precision=%s: %s.".formatted(precision.code(), e.getMessage()));
    }
  }

  private static void report(EmbedArgs args, RunLease lease) throws IOException {
    FileStore run = lease.folder();
    RunManifest manifest = RunManifest.read(run);
    RunManifest.Counts counts = manifest.counts();
    RejectSummary rejects = RejectSummary.read(run, WriteRun.JOB);
    double seconds = (Clock.systemUTC().millis() - lease.startedAt().toEpochMilli()) / 1000.0;
    LOG.atInfo()
        .addKeyValue("embedded", counts.embedded())
        .addKeyValue("skipped", counts.skipped())
        .addKeyValue("updated", counts.updated())
        .addKeyValue("deleted", counts.deleted())
        .addKeyValue("rejected", counts.rejected())
        .addKeyValue("seconds", seconds)
        .log(
            "{} embedded in {} s, {} skipped, {} updated, {} marked as deleted; {}.",
            Numbers.count(counts.embedded(), "image"),
            String.format(Locale.ROOT, "%.1f", seconds),
            counts.skipped(),
            counts.updated(),
            counts.deleted(),
            rejects.describe());
    if (rejects.total() > 0) {
      LOG.info("{}", rejects.table(run));
    }
    if (!manifest.unlisted().isEmpty()) {
      LOG.warn(
          "Some of the input cannot be listed:{}{}",
          System.lineSeparator(),
          manifest.unlistedPlaces());
    }
    if (!manifest.notJudged().isEmpty()) {
      LOG.info("Some gates did not judge:{}{}", System.lineSeparator(), manifest.notJudged());
    }
    if (run.exists(RunManifest.SUCCESS)) {
      LOG.info("Published {}.", run.location());
      return;
    }
    if (args.gates().maxRejects().isExceeded(counts.rejected(), counts.input())) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "Rejected %s, more than --maxRejects=%s allows. The run is written, but not published."
              .formatted(
                  Numbers.part(counts.rejected(), counts.input(), "image"),
                  args.gates().maxRejects()));
    }
    if (counts.usableOrGone() == 0) {
      throw args.source().withoutUsableImages(rejects);
    }
    throw new JobException(
        ExitCode.HELD_BACK,
        "The run is written, but held back:%n%s%n%s"
            .formatted(
                manifest.reasons(),
                manifest.table() == null
                    ? "To publish it all the same: simclr publish " + run.location()
                    : "To load it all the same, run embed again with wider limits."));
  }

  /**
   * Returns a batch size that suits the device. Workers with little memory encode fewer at a time.
   */
  private static int batchSize(ModelCard card, WorkerDevice device) {
    int pixels = device.isGpu() ? GPU_BATCH_PIXELS : BATCH_PIXELS;
    int images = pixels / (card.imageSize() * card.imageSize());
    return Math.max(8, Math.min(256, Integer.highestOneBit(Math.max(1, images))));
  }
}
