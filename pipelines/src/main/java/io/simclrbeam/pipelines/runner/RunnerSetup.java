package io.simclrbeam.pipelines.runner;

import org.apache.beam.sdk.options.PipelineOptions;

/** Prepares pipeline options for one runner; found with {@link java.util.ServiceLoader}. */
public interface RunnerSetup {
  /** Returns the name that {@code --runner} takes. */
  String name();

  /**
   * Returns how many bytes of views a {@link JobKind#PIPELINED} job may hold at once, where it is
   * not pipelined; a job with more is cut into rounds.
   */
  default long viewBytesOfRound() {
    return Long.MAX_VALUE;
  }

  /** Sets the runner, and what it needs for a kind of job where the user has not said otherwise. */
  void configure(PipelineOptions options, JobKind kind);
}
