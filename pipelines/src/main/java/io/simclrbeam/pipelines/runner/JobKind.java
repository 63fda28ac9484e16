package io.simclrbeam.pipelines.runner;

/** How a job is executed. */
public enum JobKind {
  /** Stage after stage: for jobs that go through a data set once. */
  BATCH,
  /**
   * All stages at once, with back-pressure: for training, which must not wait for all of its views.
   */
  PIPELINED
}
