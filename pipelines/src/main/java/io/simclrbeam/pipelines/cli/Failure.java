package io.simclrbeam.pipelines.cli;

import io.simclrbeam.model.storage.DamagedFileException;
import io.simclrbeam.model.storage.NewerFormatException;
import io.simclrbeam.model.train.TrainingDivergedException;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.dataset.DamagedDatasetException;
import io.simclrbeam.transforms.dataset.UnknownFormatException;
import io.simclrbeam.transforms.storage.StorageException;
import io.simclrbeam.transforms.training.FolderInUseException;
import java.util.Map;
import java.util.Optional;

/**
 * What the user is told of an exception.
 *
 * @param message of one line or more, without a stack trace
 * @param expected whether the message says all there is to know
 */
record Failure(ExitCode exitCode, String message, boolean expected) {
  /**
   * An exception whose message says all there is to know.
   *
   * @param hint which options the message is about; empty if about none
   */
  private record Expected(ExitCode exitCode, String hint) {}

  /** As they are written in text. */
  private static final Map<String, Expected> EXPECTED =
      Map.of(
          TrainingDivergedException.class.getName() + ": ",
          new Expected(
              ExitCode.DIVERGED,
              " (--learningRate, --warmupEpochs, --temperature, --batchSize, --input)"),
          NewerFormatException.class.getName() + ": ",
          new Expected(ExitCode.USAGE, ""),
          FolderInUseException.class.getName() + ": ",
          new Expected(ExitCode.FAILED, ""),
          DamagedFileException.class.getName() + ": ",
          new Expected(ExitCode.UNUSABLE_INPUT, ""),
          DamagedDatasetException.class.getName() + ": ",
          new Expected(ExitCode.UNUSABLE_INPUT, ""),
          UnknownFormatException.class.getName() + ": ",
          new Expected(ExitCode.USAGE, ""),
          StorageException.class.getName() + ": ",
          new Expected(ExitCode.FAILED, ""));

  /**
   * Finds the reason among the causes: runners wrap what a job throws, and a cluster sends it back
   * as text or as a class of another class loader, so most are known by their names.
   */
  static Failure of(Throwable thrown) {
    Failure failure = new Failure(ExitCode.FAILED, "", false);
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      Optional<String> missing = MissingFileSystem.explain(cause);
      if (missing.isPresent()) {
        return new Failure(ExitCode.USAGE, missing.get(), true);
      }
      String text = cause.toString();
      if (cause instanceof JobException job) {
        return new Failure(job.exitCode(), String.valueOf(job.getMessage()), true);
      }
      Optional<Failure> expected = expected(text);
      if (expected.isPresent()) {
        failure = expected.get();
      } else if (!failure.expected() && StorageException.isFull(text)) {
        // Beam's writers of files say just that.
        failure =
            new Failure(
                ExitCode.FAILED,
                "A disk is full: %s. Make room there; the same command then goes on."
                    .formatted(StorageException.reason(cause)),
                true);
      } else if (!failure.expected()) {
        failure = new Failure(ExitCode.FAILED, firstLine(text), false);
      }
    }
    return failure;
  }

  private static Optional<Failure> expected(String text) {
    return EXPECTED.entrySet().stream()
        .filter(entry -> text.contains(entry.getKey()))
        .findFirst()
        .map(
            entry -> {
              int at = text.lastIndexOf(entry.getKey()) + entry.getKey().length();
              Expected expected = entry.getValue();
              return new Failure(
                  expected.exitCode(), firstLine(text.substring(at)) + expected.hint(), true);
            });
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
