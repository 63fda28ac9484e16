package io.simclrbeam.runners.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

/** A command that runs beside its test. */
interface RunningCommand {
  boolean isAlive();

  /** Waits for the end and returns the exit code. */
  int exitCode() throws InterruptedException;

  /** Returns what it has printed. */
  String output() throws IOException;

  /** Waits for the end, which must be a good one. */
  default void assertDone() throws IOException, InterruptedException {
    int exitCode = exitCode();
    assertThat(exitCode).as(output()).isZero();
  }
}
