package io.simclrbeam.pipelines.embed;

import io.simclrbeam.pipelines.runner.Launcher;

/** Turns images into an embedding data set. */
public final class EmbedJob {
  private EmbedJob() {}

  /**
   * Runs the job to its end.
   *
   * @throws io.simclrbeam.pipelines.JobException if it cannot be done, with the reason
   */
  public static void run(EmbedArgs args, Launcher launcher) {}
}
