package io.simclrbeam.pipelines.cli;

import java.io.PrintWriter;
import java.util.List;

/** A command: first looks at all of its options, and only if none is wrong does its work. */
interface CliCommand {
  /**
   * Reads the options without doing anything yet.
   *
   * @param checks takes note of everything that is wrong
   * @param beamArguments valid ones of {@link #beamOptions}, as {@code --name=value}
   */
  Work prepare(Checks checks, List<String> beamArguments);

  /** Returns which options of Beam are options of this command too. */
  default BeamOptions beamOptions() {
    return BeamOptions.NONE;
  }

  /** What a command does; not called if {@link Checks} found a problem. */
  @FunctionalInterface
  interface Work {
    /**
     * Does it.
     *
     * @param out for what the user asked to see
     */
    void run(PrintWriter out) throws Exception;
  }
}
