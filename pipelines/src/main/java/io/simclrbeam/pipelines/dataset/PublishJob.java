package io.simclrbeam.pipelines.dataset;

import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.dataset.DatasetRun;
import io.simclrbeam.transforms.dataset.RunFolder;
import io.simclrbeam.transforms.dataset.RunManifest;
import java.io.IOException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** Publishes a run that a quality gate held back. */
public final class PublishJob {
  private PublishJob() {}

  /**
   * Checks that the run is whole, and makes it visible.
   *
   * @param path the run's folder
   * @throws JobException if there is no such run, or it is not whole
   */
  public static void run(String path, PrintWriter out) throws IOException {
    RunFolder run = RunFolders.find(path);
    switch (run.state()) {
      case PUBLISHED -> out.printf("%s is published already.%n", path);
      case UNFINISHED ->
          throw new JobException(
              ExitCode.UNUSABLE_INPUT,
              "%s is not finished: it has no %s. The next 'simclr embed' clears it away, unless it is still being written."
                  .formatted(path, RunManifest.NAME));
      case HELD_BACK -> {
        RunManifest manifest = RunManifest.read(run.store());
        if (manifest.table() != null) {
          throw new JobException(
              ExitCode.USAGE,
              "%s is not loaded into %s, and only embed loads. Run it again with wider limits (see simclr embed --help); held back were:%n%s"
                  .formatted(path, manifest.table(), manifest.reasons()));
        }
        @Nullable String passed = run.passedBy();
        if (passed != null) {
          throw new JobException(ExitCode.USAGE, passed);
        }
        String reasons = manifest.reasons();
        run.publish();
        OpenLineageEvent.send(new DatasetRun(run.model(), run.name(), run.store().location()));
        if (reasons.isEmpty()) {
          out.printf("Published %s.%n", path);
        } else {
          out.printf("Published %s, in spite of:%n%s%n", path, reasons);
        }
      }
    }
  }
}
