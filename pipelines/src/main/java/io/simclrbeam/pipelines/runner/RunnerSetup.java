package io.simclrbeam.pipelines.runner;

import java.util.List;
import java.util.Optional;
import org.apache.beam.sdk.options.PipelineOptions;

/** Prepares pipeline options for one runner; found with {@link java.util.ServiceLoader}. */
public interface RunnerSetup {
  /** A runner's {@link #viewBytesOfRound} if it never holds them all. */
  long PIPELINED = Long.MAX_VALUE;

  /** Returns the name that {@code --runner} takes. */
  String name();

  /**
   * Returns how many bytes of views a {@link JobKind#PIPELINED} job may hold at once, where the
   * runner makes all of them first and sorts them by time; a job with more is cut into rounds.
   * Without limit on a runner that does pipeline.
   */
  default long viewBytesOfRound() {
    return PIPELINED;
  }

  /** Returns all that is wrong with the options, for the person who gave them. */
  default List<String> problems(PipelineOptions options) {
    return List.of();
  }

  /**
   * Returns why no job can be started now, though nothing is wrong with the options: what may pass.
   * Empty if one can, as far as is known.
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
   * Returns whether jobs with these options are only handed over, or written down as a template:
   * then nobody here can wait for one, or start another after it.
   */
  default boolean isDetached(PipelineOptions options) {
    return false;
  }

  /**
   * Explains why a job did not come to its end, where that is not the job's own doing and the
   * exception is no help.
   *
   * @param failure thrown by the runner, with its causes
   * @return what happened and what to do; empty if the exception says it all
   */
  default Optional<String> explain(PipelineOptions options, Throwable failure) {
    return Optional.empty();
  }

  /** Looks at the place where jobs with these options would run, if that is another. */
  default List<Finding> diagnose(PipelineOptions options) {
    return List.of();
  }

  /** Sets the runner, and what it needs for a kind of job where the user has not said otherwise. */
  void configure(PipelineOptions options, JobKind kind);
}
