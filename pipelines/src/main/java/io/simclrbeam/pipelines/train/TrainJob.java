package io.simclrbeam.pipelines.train;

import io.simclrbeam.pipelines.runner.Launcher;

/** Trains an encoder and exports it. */
public final class TrainJob {
  private TrainJob() {}

  /**
   * Runs the job to its end.
   *
   * @throws io.simclrbeam.pipelines.JobException if it cannot be done, with the reason
   */
  public static void run(TrainArgs args, Launcher launcher) {}
}
