package io.simclrbeam.pipelines.dataset;

import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.Spelling;
import io.simclrbeam.transforms.dataset.RunFolder;
import io.simclrbeam.transforms.dataset.RunManifest;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints which runs a data set has, of which models, and what is in them. */
public final class ShowJob {
  private static final String ROW = "  %-25s %-11s %10s %10s %9s %9s %9s %10s %8s%n";

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
    String model = "";
    for (RunFolder run : runs) {
      if (!run.model().equals(model)) {
        model = run.model();
        String heading = model;
        List<RunFolder> ofModel =
            runs.stream().filter(other -> other.model().equals(heading)).toList();
        out.printf(
            "model %s, %s, %s%n",
            model,
            Spelling.count(ofModel.size(), "run"),
            Spelling.bytes(ofModel.stream().mapToLong(RunFolder::bytes).sum()));
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
      }
      print(run, out);
    }
  }

  private static void print(RunFolder run, PrintWriter out) throws IOException {
    String state = run.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    if (run.state() == RunFolder.State.UNFINISHED) {
      out.printf(ROW, run.name(), state, "", "", "", "", "", Spelling.bytes(run.bytes()), "");
      return;
    }
    RunManifest manifest = RunManifest.read(run.store());
    RunManifest.Counts counts = manifest.counts();
    RunManifest.@Nullable Statistics statistics = manifest.statistics();
    @Nullable Double rankme = statistics == null ? null : statistics.rankme();
    out.printf(
        ROW,
        run.name(),
        state,
        count(counts.embedded()),
        count(counts.skipped()),
        count(counts.updated()),
        count(counts.rejected()),
        count(counts.deleted()),
        Spelling.bytes(run.bytes()),
        number(rankme));
    manifest.unlistedPlaces().lines().forEach(line -> out.println("  " + line));
    manifest.notJudged().lines().forEach(line -> out.println("  " + line));
    if (run.state() == RunFolder.State.HELD_BACK) {
      manifest.reasons().lines().forEach(line -> out.println("  " + line));
    }
  }

  private static String number(@Nullable Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.1f", value);
  }

  private static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
