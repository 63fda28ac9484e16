package io.simclrbeam.pipelines.embed;

import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.pipelines.runner.Launcher;
import io.simclrbeam.transforms.dataset.DatasetRun;
import io.simclrbeam.transforms.dataset.RunManifest;
import io.simclrbeam.transforms.embedding.EmbedImages;
import io.simclrbeam.transforms.embedding.EmbeddingSpec;
import io.simclrbeam.transforms.rejects.RejectSummary;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.values.PCollection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns images into a run of an embedding data set. */
public final class EmbedJob {
  private static final Logger LOG = LoggerFactory.getLogger(EmbedJob.class);
  private static final DateTimeFormatter RUN_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** Pixels in a batch: large enough to keep the cores busy, small enough for any cache. */
  private static final int BATCH_PIXELS = 1 << 18;

  private EmbedJob() {}

  /**
   * Runs the job to its end.
   *
   * @throws JobException if it cannot be done, with the reason
   */
  public static void run(EmbedArgs args, Launcher launcher) throws IOException {
    args.source().checkManifest();
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
    Instant start = Clock.systemUTC().instant();
    Pipeline pipeline = launcher.createPipeline(JobKind.BATCH);
    TableOutput table = TableOutput.of(args.output());
    String folder =
        table == null ? args.output() : table.folder(pipeline.getOptions().getTempLocation());
    String output = new BeamFileStore(folder).location();
    String name = RUN_TIME.format(start);
    FileStore run = new BeamFileStore("%smodel=%s/run=%s".formatted(output, card.id(), name));
    EmbeddingSpec spec =
        new EmbeddingSpec(
            model.location(),
            card.id(),
            run.location(),
            args.folderLabels(),
            args.batchSize() != null ? args.batchSize() : batchSize(card.imageSize()),
            args.device(),
            start.toEpochMilli());
    LOG.info("Embedding the images of {} with model {}.", args.source(), card.id());
    PCollection<Boolean> published =
        pipeline.apply(
            "Embed",
            EmbedImages.of(
                    args.source().list(spec.batchSize()), spec, card.dimension(), args.maxRejects())
                .withFormat(args.format()));
    if (table != null) {
      published.apply(
          "Load",
          table
              .loader()
              .load(
                  table.table(),
                  new DatasetRun(card.id(), name, run.location()),
                  args.format().vectors()));
    }
    pipeline.run().waitUntilFinish();
    report(args, run, start);
    if (table != null) {
      LOG.info("Loaded into {} as run {}.", table.table(), name);
    }
  }

  private static void report(EmbedArgs args, FileStore run, Instant start) throws IOException {
    RunManifest.Counts counts = RunManifest.read(run).counts();
    RejectSummary rejects = RejectSummary.read(run, EmbedImages.JOB);
    double seconds = (Clock.systemUTC().millis() - start.toEpochMilli()) / 1000.0;
    LOG.info(
        "{} images embedded in {} s; {}.",
        counts.embedded(),
        String.format(Locale.ROOT, "%.1f", seconds),
        rejects.describe());
    if (rejects.total() > 0) {
      LOG.info("{}", rejects.table(run));
    }
    if (counts.embedded() == 0) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "No usable image in %s. Looked for images in folders, globs, single files and shards (.tar, .avro, .tfrecord)."
              .formatted(args.source()));
    }
    if (!run.exists(RunManifest.SUCCESS)) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "%d of %d images were rejected, more than --maxRejects=%s allows. The run is written, but not published."
              .formatted(counts.rejected(), counts.input(), args.maxRejects()));
    }
    LOG.info("Published {}.", run.location());
  }

  private static int batchSize(int imageSize) {
    int images = BATCH_PIXELS / (imageSize * imageSize);
    return Math.max(8, Math.min(256, Integer.highestOneBit(Math.max(1, images))));
  }
}
