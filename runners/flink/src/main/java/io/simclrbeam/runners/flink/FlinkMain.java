package io.simclrbeam.runners.flink;

import io.simclrbeam.pipelines.cli.Simclr;

/**
 * The program for {@code flink run} and for Flink's application mode, with the arguments of {@code
 * bin/simclr}. It must not end the process, which is Flink's.
 */
public final class FlinkMain {
  private FlinkMain() {}

  /**
   * Runs a command.
   *
   * @throws IllegalStateException if it did not succeed; why was printed
   */
  public static void main(String[] arguments) {
    int exitCode = Simclr.run(arguments);
    if (exitCode != 0) {
      throw new IllegalStateException("simclr ended with exit code " + exitCode);
    }
  }
}
