package io.simclrbeam.pipelines;

/** Ends a command with a message for the person who gave it, and no stack trace. */
public final class JobException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final ExitCode exitCode;

  /**
   * Creates one.
   *
   * @param exitCode for the shell
   * @param message what happened, the value seen, what is allowed, what to do
   */
  public JobException(ExitCode exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** Creates one that also knows where it comes from. */
  public JobException(ExitCode exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  public ExitCode exitCode() {
    return exitCode;
  }
}
