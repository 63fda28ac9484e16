package io.simclrbeam.pipelines.dataset;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.Versions;
import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.pipelines.runner.Launcher;
import io.simclrbeam.transforms.dataset.CompactRuns;
import io.simclrbeam.transforms.dataset.Compaction;
import io.simclrbeam.transforms.dataset.CurrentView;
import io.simclrbeam.transforms.dataset.RunLease;
import io.simclrbeam.transforms.dataset.RunManifest;
import io.simclrbeam.transforms.dataset.RunSpec;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.time.Clock;
import java.util.Locale;
import org.apache.beam.sdk.Pipeline;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Merges the runs of a model into a base. */
public final class CompactJob {
  private static final Logger LOG = LoggerFactory.getLogger(CompactJob.class);

  private CompactJob() {}

  /**
   * Runs the job to its end.
   *
   * @param model id of the model whose runs are merged, or its folder; null for the model of the
   *     newest run
   * @throws JobException if it cannot be done, with the reason
   */
  public static void run(String dataset, @Nullable String model, Launcher launcher)
      throws IOException {
    CurrentView view =
        model == null
            ? CurrentViews.newest("DATASET", dataset, null, LOG::info)
            : CurrentViews.ofModelOrId("DATASET", dataset, model, null);
    String folder = new BeamFileStore(dataset).location();
    Compaction compaction = Compaction.of(folder, view.model());
    if (compaction.isEmpty()) {
      LOG.info(
          "There is nothing to merge: model {} has {} since its last base{}.",
          view.model(),
          Numbers.count(compaction.runs(), "finished run"),
          waiting(compaction));
      return;
    }
    compact(compaction, launcher);
  }

  /**
   * Merges the runs of a model if there are many since its last base.
   *
   * @param least how many
   */
  public static void runAfter(int least, String dataset, String model, Launcher launcher)
      throws IOException {
    Compaction compaction = Compaction.of(dataset, model);
    if (compaction.runs() >= least && !compaction.isEmpty()) {
      compact(compaction, launcher);
    }
  }

  private static void compact(Compaction compaction, Launcher launcher) throws IOException {
    LOG.info(
        "Merging {} of model {}{}.",
        Numbers.count(compaction.merged().size(), "run"),
        compaction.model(),
        waiting(compaction));
    Pipeline pipeline = launcher.createPipeline(JobKind.BATCH);
    try (RunLease lease = compaction.begin(Clock.systemUTC())) {
      RunSpec base = compaction.base(lease, Versions.here());
      pipeline.apply("Compact", CompactRuns.of(compaction, base, compaction.format(base)));
      if (launcher.runOrHandOver(pipeline, lease)) {
        report(compaction, lease);
      }
    }
  }

  private static void report(Compaction compaction, RunLease lease) throws IOException {
    FileStore base = lease.folder();
    if (!base.exists(RunManifest.SUCCESS)) {
      throw new JobException(ExitCode.FAILED, "%s was not published.".formatted(base.location()));
    }
    RunManifest manifest = RunManifest.read(base);
    LOG.info(
        "Merged {} into one with {} in {} s. Published {}. 'simclr vacuum' deletes runs that it replaces.",
        Numbers.count(compaction.merged().size(), "run"),
        Numbers.count(manifest.counts().embedded(), "image"),
        String.format(
            Locale.ROOT,
            "%.1f",
            (Clock.systemUTC().millis() - lease.startedAt().toEpochMilli()) / 1000.0),
        base.location());
  }

  private static String waiting(Compaction compaction) {
    return compaction.waitsFor() == null
        ? ""
        : ", up to run %s, which is being written".formatted(compaction.waitsFor());
  }
}
