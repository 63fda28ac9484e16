package io.simclrbeam.pipelines.cli;

import io.simclrbeam.model.train.TrainingDivergedException;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import java.util.Optional;

/**
 * What the user is told of an exception.
 *
 * @param message of one line or more, without a stack trace
 * @param expected whether the message says all there is to know
 */
record Failure(ExitCode exitCode, String message, boolean expected) {
  private static final String DIVERGED = TrainingDivergedException.class.getName() + ": ";

  /**
   * Finds the reason among the causes: runners wrap what a job throws, and a cluster sends it back
   * as text or as a class of another class loader, so a diverged training is known by its name.
   */
  static Failure of(Throwable thrown) {
    Failure failure = new Failure(ExitCode.FAILED, "", false);
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      Optional<String> missing = MissingFileSystem.explain(cause);
      if (missing.isPresent()) {
        return new Failure(ExitCode.USAGE, missing.get(), true);
      }
      String text = cause.toString();
      int at = text.lastIndexOf(DIVERGED);
      if (cause instanceof JobException job) {
        return new Failure(job.exitCode(), String.valueOf(job.getMessage()), true);
      } else if (at >= 0) {
        failure =
            new Failure(ExitCode.DIVERGED, firstLine(text.substring(at + DIVERGED.length())), true);
      } else if (!failure.expected()) {
        failure = new Failure(ExitCode.FAILED, firstLine(text), false);
      }
    }
    return failure;
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
