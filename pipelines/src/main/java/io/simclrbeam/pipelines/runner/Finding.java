package io.simclrbeam.pipelines.runner;

/**
 * What a check found, on this machine or where jobs would run.
 *
 * @param level whether it is as it should be
 * @param what was seen
 * @param cure what to do about it; empty if nothing is to be done
 */
public record Finding(Level level, String what, String cure) {
  /** How bad it is. */
  public enum Level {
    /** As it should be. */
    OK,
    /** Jobs run, but slowly or only for a time. */
    WARNING,
    /** Jobs fail. */
    PROBLEM
  }

  /** Returns a finding that is as it should be. */
  public static Finding ok(String what) {
    return new Finding(Level.OK, what, "");
  }

  /** Returns a finding with which jobs run, but slowly or only for a time. */
  public static Finding warning(String what, String cure) {
    return new Finding(Level.WARNING, what, cure);
  }

  /** Returns a finding with which jobs fail. */
  public static Finding problem(String what, String cure) {
    return new Finding(Level.PROBLEM, what, cure);
  }
}
