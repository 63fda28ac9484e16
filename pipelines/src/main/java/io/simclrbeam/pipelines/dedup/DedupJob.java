package io.simclrbeam.pipelines.dedup;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.dataset.CurrentViews;
import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.pipelines.runner.Launcher;
import io.simclrbeam.transforms.dataset.EmbeddingIO;
import io.simclrbeam.transforms.dataset.RunManifest;
import io.simclrbeam.transforms.dedup.DedupManifest;
import io.simclrbeam.transforms.dedup.DrawGroups;
import io.simclrbeam.transforms.dedup.FindDuplicates;
import io.simclrbeam.transforms.dedup.UnusableEmbeddingsException;
import io.simclrbeam.transforms.index.ForeignManifestException;
import io.simclrbeam.transforms.index.Manifest;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.Locale;
import org.apache.beam.sdk.Pipeline;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Groups near-duplicate images of an embedding data set. */
public final class DedupJob {
  private static final Logger LOG = LoggerFactory.getLogger(DedupJob.class);
  private static final String UNUSABLE = UnusableEmbeddingsException.class.getName() + ": ";
  private static final String FOREIGN = ForeignManifestException.class.getName() + ": ";

  private DedupJob() {}

  /**
   * Runs the job to its end, replacing results that are in the output folder.
   *
   * @throws JobException if it cannot be done, with the reason
   */
  public static void run(DedupArgs args, Launcher launcher) throws IOException {
    long start = System.nanoTime();
    String model =
        CurrentViews.newest("--embeddings", args.embeddings(), args.asOf(), LOG::info).model();
    BeamFileStore output = new BeamFileStore(args.output());
    check(args, output);
    output.checkWritable();
    DedupManifest.delete(output);
    LOG.info(
        "Comparing the images of {} (model {}) at a similarity of {}.",
        args.embeddings(),
        model,
        args.spec().threshold());
    Pipeline pipeline = launcher.createPipeline(JobKind.BATCH);
    FindDuplicates find = FindDuplicates.of(args.spec(), output.location(), model);
    pipeline
        .apply(
            "Read", EmbeddingIO.read().from(args.embeddings()).withModel(model).asOf(args.asOf()))
        .apply(
            "FindDuplicates", args.manifest() == null ? find : find.withManifest(args.manifest()));
    try {
      launcher.run(pipeline);
    } catch (RuntimeException e) {
      RuntimeException failure = explained(e, args);
      if (failure != e) {
        DedupManifest.delete(output); // what is written before it is known to be of no use
      }
      throw failure;
    }
    if (!output.exists(RunManifest.SUCCESS)) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "--embeddings: the finished runs in %s hold no images".formatted(args.embeddings()));
    }
    report(DedupManifest.read(output), args, (System.nanoTime() - start) / 1e9);
    LOG.info("Published {}.", output.location());
    String sheet = args.sheet();
    if (sheet != null) {
      LOG.info("{}", DrawGroups.write(output.location(), sheet));
    }
  }

  private static void check(DedupArgs args, FileStore output) throws IOException {
    String manifest = args.manifest();
    if (manifest != null && !new BeamFileStore(manifest).exists(Manifest.FILE)) {
      throw new JobException(
          ExitCode.USAGE,
          "There is no %s in --manifest=%s. Write one with 'simclr index'."
              .formatted(Manifest.FILE, manifest));
    }
    if (output.exists(RunManifest.SUCCESS) && !DedupManifest.exists(output)) {
      throw new JobException(
          ExitCode.USAGE,
          "--output=%s holds something else than groups of duplicates. Give an empty folder, or one that dedup wrote."
              .formatted(args.output()));
    }
  }

  /** Finds what is wrong with the inputs among the causes; a cluster sends it back as text. */
  private static RuntimeException explained(RuntimeException failure, DedupArgs args) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String text = cause.toString();
      @Nullable String unusable = after(UNUSABLE, text);
      if (unusable != null) {
        return new JobException(
            ExitCode.UNUSABLE_INPUT, "--embeddings=%s: %s".formatted(args.embeddings(), unusable));
      }
      @Nullable String foreign = after(FOREIGN, text);
      if (foreign != null) {
        return new JobException(
            ExitCode.UNUSABLE_INPUT,
            "--manifest: %s, in %s. An image is known by its id, its path below the input, and its content: give the manifest of the images that were embedded, or embed with --manifest."
                .formatted(foreign, args.embeddings()));
      }
    }
    return failure;
  }

  private static @Nullable String after(String name, String text) {
    int at = text.lastIndexOf(name);
    return at < 0 ? null : text.substring(at + name.length()).lines().findFirst().orElse("");
  }

  private static void report(DedupManifest found, DedupArgs args, double seconds) {
    DedupManifest.Counts counts = found.counts();
    LOG.atInfo()
        .addKeyValue("images", counts.images())
        .addKeyValue("groups", counts.groups())
        .addKeyValue("duplicates", counts.duplicates())
        .addKeyValue("kept", counts.kept())
        .addKeyValue("seconds", seconds)
        .log(
            "{} compared in {} s: {} of near duplicates, {}; {} ({} %) to keep.",
            Numbers.count(counts.images(), "image"),
            String.format(Locale.ROOT, "%.1f", seconds),
            Numbers.count(counts.groups(), "group"),
            Numbers.count(counts.duplicates(), "duplicate"),
            Numbers.count(counts.kept(), "image"),
            String.format(Locale.ROOT, "%.2f", 100.0 * counts.kept() / counts.images()));
    @Nullable Long manifest = counts.manifest();
    @Nullable Long matched = counts.manifestMatched();
    if (manifest != null && matched != null) {
      LOG.info(
          "The data set has an embedding of {} of the manifest{}.",
          Numbers.part(matched, manifest, "image"),
          matched < manifest ? "; the others are kept, as nothing is known of them" : "");
    }
    if (counts.withoutDirection() > 0) {
      LOG.info(
          "The embedding of {} is all zeros, which is similar to none; what has it is kept.",
          Numbers.count(counts.withoutDirection(), "image"));
    }
    if (counts.imagesLeftOut() > 0) {
      LOG.info(
          "{} may have near duplicates in more than {}; {} with a cell left out, farthest from the border, so that some pairs may be missed. Raise --maxCopies to find all.",
          Numbers.count(counts.imagesLeftOut(), "image"),
          Numbers.count(args.spec().maxCopies(), "further cell"),
          Numbers.count(counts.copiesLeftOut(), "comparison"));
    }
  }
}
