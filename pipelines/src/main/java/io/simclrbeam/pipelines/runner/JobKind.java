package io.simclrbeam.pipelines.runner;

/** How a job wants to be executed. */
public enum JobKind {
  /** Stage after stage: everything that works through a data set once. */
  BATCH,
  /** All stages at once, with back-pressure: training, which must not wait for all its views. */
  PIPELINED
}
