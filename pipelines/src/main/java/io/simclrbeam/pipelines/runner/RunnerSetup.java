package io.simclrbeam.pipelines.runner;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.beam.sdk.options.PipelineOptions;

/** Prepares pipeline options for one runner; found with {@link java.util.ServiceLoader}. */
public interface RunnerSetup {
  /** Returns the name that {@code --runner} takes. */
  String name();

  /**
   * Returns how many bytes of one stage's output the runner can hold, if it finishes each stage
   * before the next one begins. Empty if it runs all stages of a {@link JobKind#PIPELINED} job at
   * once: then back-pressure keeps what it holds small.
   */
  default OptionalLong stageBytes() {
    return OptionalLong.empty();
  }

  /** Returns whether {@link #problems} misses options if none is given. */
  default boolean needsOptions() {
    return false;
  }

  /** Returns all problems of the options, for the person who gave them. */
  default List<String> problems(PipelineOptions options) {
    return List.of();
  }

  /**
   * Returns why no job can be started now, for a reason that may pass and that is not in the
   * options. Empty if no such reason is known.
   */
  default Optional<String> unavailable(PipelineOptions options) {
    return Optional.empty();
  }

  /**
   * Returns whether jobs with these options run in other processes, whose logs are not seen here.
   */
  default boolean runsElsewhere(PipelineOptions options) {
    return false;
  }

  /**
   * Returns whether jobs with these options are only handed over, or written down as a template.
   * Then this process cannot wait for a job, or start another after it.
   */
  default boolean isDetached(PipelineOptions options) {
    return false;
  }

  /** Makes a job with these options be handed over only, where jobs run elsewhere. */
  default void detach(PipelineOptions options) {}

  /**
   * Cancels the job that this process waits for, if the runner gives no {@code PipelineResult}
   * before the job has ended.
   *
   * @return whether there was one to cancel
   */
  default boolean cancel() {
    return false;
  }

  /**
   * Returns whether a job that runs elsewhere may still do so.
   *
   * @param failure why it is not waited for any more, with its causes
   */
  default boolean mayStillRun(Throwable failure) {
    return true;
  }

  /**
   * Explains why a job failed, where the job is not to blame and the exception does not help.
   *
   * @param failure thrown by the runner, with its causes
   * @return what happened and what to do; empty if the exception says enough
   */
  default Optional<String> explain(PipelineOptions options, Throwable failure) {
    return Optional.empty();
  }

  /**
   * Describes a command for the runner's own service, which can then start it.
   *
   * @param image container image with this program
   * @return the bytes of a file for the service; empty if there is no such service
   */
  default Optional<byte[]> template(String image, CommandDescription command) {
    return Optional.empty();
  }

  /** Checks the place where jobs with these options would run, if that is not this process. */
  default List<Finding> diagnose(PipelineOptions options) {
    return List.of();
  }

  /** Sets the runner, and what it needs for a kind of job unless the user has set it. */
  void configure(PipelineOptions options, JobKind kind);
}
