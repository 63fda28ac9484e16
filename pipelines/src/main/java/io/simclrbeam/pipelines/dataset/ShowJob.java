package io.simclrbeam.pipelines.dataset;

import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.dataset.RunFolder;
import io.simclrbeam.transforms.dataset.RunManifest;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints which runs a data set has, of which models, and what is in them. */
public final class ShowJob {
  private static final String ROW = "  %-40s %-11s %10s %10s %9s %9s %9s %10s %8s%n";

  /** From so many runs on, or this share of old records, it is time to merge runs. */
  private static final int MANY_RUNS = 30;

  private static final double MANY_OLD_RECORDS = 0.2;

  private ShowJob() {}

  /**
   * Prints a table for each model.
   *
   * @throws JobException if there is no run
   */
  public static void run(String dataset, PrintWriter out) throws IOException {
    List<RunFolder> runs = RunFolder.list(dataset);
    if (runs.isEmpty()) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "There is no embedding data set in %s. 'simclr embed' makes one.".formatted(dataset));
    }
    for (String model : runs.stream().map(RunFolder::model).distinct().toList()) {
      print(dataset, runs.stream().filter(run -> run.model().equals(model)).toList(), out);
    }
  }

  /** Prints the runs of one model, the oldest first. */
  private static void print(String dataset, List<RunFolder> runs, PrintWriter out)
      throws IOException {
    out.printf(
        "model %s, %s, %s%n",
        runs.get(0).model(),
        Numbers.count(runs.size(), "run"),
        Numbers.bytes(runs.stream().mapToLong(RunFolder::bytes).sum()));
    out.printf(
        ROW,
        "run",
        "state",
        "embedded",
        "skipped",
        "updated",
        "rejected",
        "deleted",
        "size",
        "RankMe");
    String newestBase =
        runs.stream()
            .filter(run -> run.isBase() && run.state() == RunFolder.State.PUBLISHED)
            .map(RunFolder::name)
            .max(Comparator.naturalOrder())
            .orElse("");
    Totals totals = new Totals();
    for (RunFolder run : runs) {
      boolean replaced = run.name().compareTo(newestBase) < 0;
      @Nullable RunManifest manifest =
          run.state() == RunFolder.State.UNFINISHED ? null : RunManifest.read(run.store());
      print(run, replaced, manifest, out);
      if (manifest != null && run.state() == RunFolder.State.PUBLISHED) {
        totals.add(run, replaced, manifest);
      }
    }
    totals.print(dataset, out);
  }

  private static void print(
      RunFolder run, boolean replaced, @Nullable RunManifest manifest, PrintWriter out) {
    String state = run.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    if (manifest == null) {
      out.printf(ROW, run.name(), state, "", "", "", "", "", Numbers.bytes(run.bytes()), "");
      return;
    }
    RunManifest.Counts counts = manifest.counts();
    RunManifest.@Nullable Statistics statistics = manifest.statistics();
    @Nullable Double rankme = statistics == null ? null : statistics.rankme();
    out.printf(
        ROW,
        run.name(),
        run.state() != RunFolder.State.PUBLISHED
            ? state
            : replaced ? "replaced" : run.isBase() ? "base" : state,
        count(counts.embedded()),
        count(counts.skipped()),
        count(counts.updated()),
        count(counts.rejected()),
        count(counts.deleted()),
        Numbers.bytes(run.bytes()),
        number(rankme));
    manifest.unlistedPlaces().lines().forEach(line -> out.println("  " + line));
    manifest.notJudged().lines().forEach(line -> out.println("  " + line));
    if (run.state() == RunFolder.State.HELD_BACK) {
      manifest.reasons().lines().forEach(line -> out.println("  " + line));
    }
  }

  /** What readers go through, and what of it is of use. */
  private static final class Totals {
    private int runs;
    private int replaced;
    private long files;
    private long records;
    private long images;

    void add(RunFolder run, boolean isReplaced, RunManifest manifest) {
      if (isReplaced) {
        replaced++;
        return;
      }
      RunManifest.Counts counts = manifest.counts();
      @Nullable Long known = manifest.known();
      runs += run.isBase() ? 0 : 1;
      files += run.files().size();
      records += counts.embedded() + counts.updated() + counts.deleted();
      // An image with other bytes is counted twice until the next night counts.
      images =
          run.isBase()
              ? counts.embedded()
              : (known == null ? images : known) + counts.embedded() - counts.deleted();
    }

    void print(String dataset, PrintWriter out) {
      long old = Math.max(0, records - images);
      out.printf(
          "  Readers go through %s with %s, of which about %s replaced or deleted.%n",
          Numbers.count(files, "file"),
          Numbers.count(records, "record"),
          old == 1 ? "1 is" : "%,d are".formatted(old));
      if (runs >= MANY_RUNS || (runs > 1 && old > MANY_OLD_RECORDS * records)) {
        out.printf("  'simclr compact %s' merges these %d runs into one.%n", dataset, runs);
      }
      if (replaced > 0) {
        out.printf(
            "  %s replaced by a base. 'simclr vacuum %s' deletes them 30 days after that.%n",
            replaced == 1 ? "1 run is" : replaced + " runs are", dataset);
      }
    }
  }

  private static String number(@Nullable Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.1f", value);
  }

  private static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
