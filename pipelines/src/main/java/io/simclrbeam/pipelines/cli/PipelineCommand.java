package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.runner.BeamArguments;
import io.simclrbeam.pipelines.runner.Launcher;
import io.simclrbeam.pipelines.runner.RunnerSetup;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.apache.beam.sdk.options.PipelineOptions;
import org.jspecify.annotations.Nullable;

/**
 * A command that runs pipelines, and so takes a runner and its options.
 *
 * @param <A> what its job is asked for
 */
interface PipelineCommand<A> extends CliCommand {
  /** Returns the option that chooses the runner. */
  RunnerOption runner();

  /** Reads the options; takes note of all that are wrong. */
  A args(Checks checks);

  /** Returns whether the last job is only handed over. */
  default boolean isDetached() {
    return false;
  }

  /** Returns whether the job is always a single one for the runner. */
  default boolean isOneJob() {
    return false;
  }

  /** Runs the job. */
  void run(A args, Launcher launcher) throws IOException;

  @Override
  default BeamOptions beamOptions() {
    return BeamOptions.ALL;
  }

  @Override
  default Work prepare(Checks checks, List<String> beamArguments) {
    A args = args(checks);
    @Nullable RunnerSetup setup = runner().setup(checks);
    // What needs no look at Beam's options is said a second or two sooner.
    boolean ask = checks.problems().isEmpty() || !beamArguments.isEmpty() || isDetached();
    if (setup != null && (ask || setup.needsOptions())) {
      PipelineOptions options = BeamArguments.parse(beamArguments);
      setup.problems(options).forEach(checks::problem);
      if (setup.isDetached(options) && !isOneJob()) {
        checks.problem(
            "nobody waits for jobs here (a template, or Flink's REST API), but this command runs"
                + " one after the other and looks at what comes out; only embed does not");
      } else if (isDetached() && !setup.runsElsewhere(options)) {
        checks.problem(
            "%s is for jobs on a cluster or in a service, but this one runs in this process"
                .formatted(DetachOption.DETACH));
      }
    }
    return out -> {
      try (Launcher launcher =
          new Launcher(Objects.requireNonNull(setup), beamArguments, isDetached())) {
        run(args, launcher);
      }
    };
  }
}
