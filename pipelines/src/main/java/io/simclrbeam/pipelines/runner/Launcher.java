package io.simclrbeam.pipelines.runner;

import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import java.util.List;
import java.util.OptionalLong;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;

/** Makes pipelines that run on the chosen runner. */
public final class Launcher {
  private final RunnerSetup setup;
  private final List<String> arguments;

  /**
   * Creates one, and registers the file systems that the arguments configure.
   *
   * @param arguments options of Beam and the runner, as {@code --name=value}
   * @throws JobException if no job can be started now
   */
  public Launcher(RunnerSetup setup, List<String> arguments) {
    this.setup = setup;
    this.arguments = List.copyOf(arguments);
    FileSystems.setDefaultPipelineOptions(options());
    setup
        .unavailable(options())
        .ifPresent(
            reason -> {
              throw new JobException(ExitCode.FAILED, reason);
            });
  }

  /** Returns a new, empty pipeline. */
  public Pipeline createPipeline(JobKind kind) {
    PipelineOptions options = options();
    setup.configure(options, kind);
    return Pipeline.create(options);
  }

  /**
   * Runs a pipeline to its end, or only hands it over if {@link #isDetached}.
   *
   * @throws JobException if it failed
   */
  public void run(Pipeline pipeline) {
    PipelineResult.State state;
    try {
      PipelineResult result = pipeline.run();
      state = isDetached() ? PipelineResult.State.DONE : result.waitUntilFinish();
    } catch (RuntimeException e) {
      String reason = setup.explain(options(), e).orElseThrow(() -> e);
      throw new JobException(ExitCode.FAILED, reason, e);
    }
    if (state != PipelineResult.State.DONE) {
      throw new JobException(
          ExitCode.FAILED,
          "The job ended as %s; the runner's log says why. The same command goes on from what is there."
              .formatted(state));
    }
  }

  /** Returns {@link RunnerSetup#stageBytes}. */
  public OptionalLong stageBytes() {
    return setup.stageBytes();
  }

  /** Returns {@link RunnerSetup#runsElsewhere}. */
  public boolean runsElsewhere() {
    return setup.runsElsewhere(options());
  }

  /** Returns {@link RunnerSetup#isDetached}. */
  public boolean isDetached() {
    return setup.isDetached(options());
  }

  private PipelineOptions options() {
    return PipelineOptionsFactory.fromArgs(arguments.toArray(String[]::new)).create();
  }
}
