package io.simclrbeam.pipelines.dataset;

import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.dataset.RunFolder;
import io.simclrbeam.transforms.dataset.Vacuum;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** Deletes the runs of a data set that nobody needs any more. */
public final class VacuumJob {
  private VacuumJob() {}

  /**
   * Deletes them, and prints which.
   *
   * @param retain how long they are kept after they were replaced, held back, or left unfinished
   * @param dryRun whether they are only listed
   * @throws JobException if there is no data set
   */
  public static void run(String dataset, Duration retain, boolean dryRun, PrintWriter out)
      throws IOException {
    List<RunFolder> runs = RunFolder.list(dataset);
    if (runs.isEmpty()) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "There is no embedding data set in %s. 'simclr embed' makes one.".formatted(dataset));
    }
    List<Vacuum.Removal> removals = Vacuum.find(runs, retain, Clock.systemUTC().instant());
    long bytes = 0;
    for (Vacuum.Removal removal : removals) {
      out.printf(
          "%s model=%s/run=%s, %s: %s%n",
          dryRun ? "Would delete" : "Deleting",
          removal.run().model(),
          removal.run().name(),
          Numbers.bytes(removal.run().bytes()),
          removal.reason());
      if (!dryRun) {
        removal.delete();
      }
      bytes += removal.run().bytes();
    }
    if (removals.isEmpty()) {
      out.printf(
          "There is nothing to delete: of %s none was replaced, held back or left unfinished more than %s ago.%n",
          Numbers.count(runs.size(), "run"), words(retain));
    } else {
      out.printf(
          "%s %s of %d, %s.%n",
          dryRun ? "Would delete" : "Deleted",
          Numbers.count(removals.size(), "run"),
          runs.size(),
          Numbers.bytes(bytes));
    }
  }

  private static String words(Duration time) {
    long hours = time.toHours();
    return hours % 24 == 0 ? Numbers.count(hours / 24, "day") : Numbers.count(hours, "hour");
  }
}
