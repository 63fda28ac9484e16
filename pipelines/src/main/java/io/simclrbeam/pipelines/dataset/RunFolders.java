package io.simclrbeam.pipelines.dataset;

import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.dataset.RunFolder;
import java.io.IOException;

/** Runs that a user names. */
final class RunFolders {
  private RunFolders() {}

  /**
   * Finds a run by its folder.
   *
   * @throws JobException if there is none
   */
  static RunFolder find(String path) throws IOException {
    RunFolder run = RunFolder.find(path);
    if (run == null) {
      throw new JobException(
          ExitCode.USAGE,
          "There is no run in %s. A run is a folder DATASET/model=ID/run=TIME; 'simclr show DATASET' lists them."
              .formatted(path));
    }
    return run;
  }
}
