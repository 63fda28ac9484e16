package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.train.TrainingDivergedException;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.storage.StorageException;
import java.io.IOException;
import org.apache.beam.sdk.Pipeline.PipelineExecutionException;
import org.apache.beam.sdk.util.UserCodeException;
import org.junit.jupiter.api.Test;

class FailureTest {
  /** The exception speaks of the learning rate and the like, the command line of its options. */
  private static final String OPTIONS =
      " (--learningRate, --warmupEpochs, --temperature, --batchSize, --input)";

  @Test
  void aJobSaysWhatItEndsWith() {
    Throwable thrown =
        new IllegalStateException(
            new RuntimeException(new JobException(ExitCode.UNUSABLE_INPUT, "nothing matched\nx")));

    assertThat(Failure.of(thrown))
        .isEqualTo(new Failure(ExitCode.UNUSABLE_INPUT, "nothing matched\nx", true));
  }

  @Test
  void divergedTrainingIsFoundBelowWhatARunnerWraps() {
    Throwable thrown =
        new PipelineExecutionException(
            UserCodeException.wrap(new TrainingDivergedException("the loss of step 7 is NaN")));

    assertThat(Failure.of(thrown))
        .isEqualTo(new Failure(ExitCode.DIVERGED, "the loss of step 7 is NaN" + OPTIONS, true));
  }

  @Test
  void divergedTrainingIsFoundInTextThatAClusterSends() {
    Throwable thrown =
        new RuntimeException(
            "Job failed",
            new Exception(
                new TrainingDivergedException("the loss is NaN") + "\n\tat some.Class.method"));

    assertThat(Failure.of(thrown))
        .isEqualTo(new Failure(ExitCode.DIVERGED, "the loss is NaN" + OPTIONS, true));
  }

  @Test
  void whatAStoreDeniesIsToldAsItIs() {
    Throwable thrown =
        new RuntimeException(
            "Job failed",
            new Exception(StorageException.class.getName() + ": s3://a/b cannot be read\n\tat x"));

    assertThat(Failure.of(thrown))
        .isEqualTo(new Failure(ExitCode.FAILED, "s3://a/b cannot be read", true));
  }

  @Test
  void aFullDiskIsToldWithWhatToDo() {
    Throwable thrown =
        new PipelineExecutionException(
            UserCodeException.wrap(
                new RuntimeException(new IOException("No space left on device"))));

    assertThat(Failure.of(thrown))
        .isEqualTo(
            new Failure(
                ExitCode.FAILED,
                "A disk is full: No space left on device. Make room there; the same command then goes on.",
                true));
  }

  @Test
  void ofAnythingElseTheRootCauseIsTold() {
    Throwable thrown = new RuntimeException("outer", new IOException("disk full\nsecond line"));

    assertThat(Failure.of(thrown))
        .isEqualTo(new Failure(ExitCode.FAILED, "java.io.IOException: disk full", false));
  }
}
