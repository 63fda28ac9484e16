package io.simclrbeam.pipelines;

/** What a finished command tells the shell. */
public enum ExitCode {
  /** Done. */
  DONE(0),
  /** Anything that no other code stands for. */
  FAILED(1),
  /** Wrong usage or configuration; every problem was listed. */
  USAGE(2),
  /** Nothing matched the inputs, or too many images were rejected. */
  UNUSABLE_INPUT(3),
  /** Training diverged or collapsed. */
  DIVERGED(4),
  /** A quality gate held back what was made. */
  HELD_BACK(5);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  /** Returns the number. */
  public int code() {
    return code;
  }
}
