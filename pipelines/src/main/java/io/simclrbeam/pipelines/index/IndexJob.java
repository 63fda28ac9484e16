package io.simclrbeam.pipelines.index;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.pipelines.runner.Launcher;
import io.simclrbeam.transforms.images.ImageLimit;
import io.simclrbeam.transforms.index.IndexImages;
import io.simclrbeam.transforms.index.Manifest;
import io.simclrbeam.transforms.rejects.RejectSummary;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.LocalPaths;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import org.apache.beam.sdk.Pipeline;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lists and checks images, and leaves a manifest. */
public final class IndexJob {
  private static final Logger LOG = LoggerFactory.getLogger(IndexJob.class);

  private IndexJob() {}

  /**
   * Runs the {@code index} command. Makes a new manifest, replacing an earlier one.
   *
   * @throws JobException if no image can be used, or too many cannot, or another index is being
   *     written to one of its folders
   */
  @SuppressWarnings("try") // the folders are claimed until they are closed
  public static void run(IndexArgs args, Launcher launcher) throws IOException {
    args.source().check(); // an input that cannot be indexed must not cost the old manifest
    BeamFileStore output = new BeamFileStore(args.output());
    try (FolderClaim ofOutput = FolderClaim.of(output);
        @Nullable FolderClaim ofPack = claimPack(args)) {
      checkPack(args.pack());
      output.delete(List.of(Manifest.FILE, IndexImages.DUPLICATES));
      index(args.source(), output, args.pack(), launcher);
      check(args.source(), output, args.maxRejects());
    }
    report(RejectSummary.read(output, IndexImages.JOB), output);
    LOG.info("The manifest is {}{}.", output.location(), Manifest.FILE);
  }

  private static @Nullable FolderClaim claimPack(IndexArgs args) throws IOException {
    return args.pack() == null
            || LocalPaths.absolute(args.pack()).equals(LocalPaths.absolute(args.output()))
        ? null
        : FolderClaim.of(new BeamFileStore(args.pack()));
  }

  /**
   * Makes sure that a folder has a manifest: it makes that of a source, which was checked, unless
   * there is one.
   *
   * @throws JobException if no image can be used, or too many cannot
   */
  public static void provide(
      Source source, BeamFileStore folder, ImageLimit maxRejects, Launcher launcher)
      throws IOException {
    if (source.manifest() != null) {
      copy(new BeamFileStore(source.manifest()), folder);
      return;
    }
    if (!folder.exists(Manifest.FILE)) {
      index(source, folder, null, launcher);
    }
    check(source, folder, maxRejects);
  }

  /** Tar files that are there belong to a manifest, which must go on leading to what it says. */
  private static void checkPack(@Nullable String pack) throws IOException {
    if (pack == null) {
      return;
    }
    BeamFileStore folder = new BeamFileStore(pack);
    if (folder.list("").stream().anyMatch(name -> name.startsWith(IndexImages.PACK))) {
      throw new JobException(
          ExitCode.USAGE,
          "--pack=%s holds tar files of an earlier index. Give another folder, or delete them if no manifest leads to them."
              .formatted(pack));
    }
  }

  private static void report(RejectSummary rejects, FileStore folder) {
    if (rejects.total() > 0) {
      LOG.info("{}", rejects.table(folder));
    }
  }

  private static void copy(FileStore from, FileStore to) throws IOException {
    if (to.exists(Manifest.FILE)) {
      return;
    }
    long images = Manifest.count(from); // before it is copied, as it may be unreadable
    try (InputStream in = from.open(Manifest.FILE)) {
      to.write(Manifest.FILE, in::transferTo);
    }
    LOG.info("{} in the manifest.", Numbers.count(images, "image"));
  }

  private static void index(
      Source source, BeamFileStore folder, @Nullable String pack, Launcher launcher)
      throws IOException {
    folder.checkWritable();
    LOG.info("Indexing {}.", String.join(", ", source.asked()));
    long start = System.nanoTime();
    Pipeline pipeline = launcher.createPipeline(JobKind.BATCH);
    IndexImages index =
        IndexImages.of(source.inputs(), folder.location())
            .withFields(source.fields())
            .withFilter(source.filter())
            .withMaxPixels(source.maxPixels());
    pipeline.apply("Index", pack == null ? index : index.packedInto(pack));
    launcher.run(pipeline);
    if (folder.exists(Manifest.FILE)) {
      long images = Manifest.count(folder);
      double seconds = (System.nanoTime() - start) / 1e9;
      LOG.info(
          "Indexed {} in {} s.",
          Numbers.count(images, "image"),
          String.format(Locale.ROOT, "%.1f", seconds));
    }
  }

  private static void check(Source source, FileStore folder, ImageLimit maxRejects)
      throws IOException {
    RejectSummary rejects = RejectSummary.read(folder, IndexImages.JOB);
    if (!folder.exists(Manifest.FILE)) {
      report(rejects, folder);
      throw source.withoutUsableImages(rejects);
    }
    long images = Manifest.count(folder);
    LOG.atInfo()
        .addKeyValue("images", images)
        .addKeyValue("rejected", rejects.total())
        .log("{}; {}.", Numbers.count(images, "image"), rejects.describe());
    if (folder.exists(IndexImages.DUPLICATES)) {
      LOG.info(
          "Some images are there more than once; {}{} lists them.",
          folder.location(),
          IndexImages.DUPLICATES);
    }
    if (maxRejects.isExceeded(rejects.total(), images + rejects.total())) {
      report(rejects, folder);
      folder.delete(List.of(Manifest.FILE)); // so that the next start sees what the user has mended
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "Rejected %s, more than --maxRejects=%s allows. Mend or remove them, or allow more."
              .formatted(
                  Numbers.part(rejects.total(), images + rejects.total(), "image"), maxRejects));
    }
  }
}
