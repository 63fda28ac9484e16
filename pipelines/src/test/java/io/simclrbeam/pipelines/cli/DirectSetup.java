package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.pipelines.runner.RunnerSetup;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.runners.direct.DirectRunner;
import org.apache.beam.sdk.options.PipelineOptions;

/** The only runner of these tests. */
public final class DirectSetup implements RunnerSetup {
  @Override
  public String name() {
    return "direct";
  }

  @Override
  public void configure(PipelineOptions options, JobKind kind) {
    DirectOptions direct = options.as(DirectOptions.class);
    direct.setRunner(DirectRunner.class);
    direct.setTargetParallelism(1); // more would take a core to ask all the time what is done
    // As users have it. The tests of the transforms have these checks.
    direct.setEnforceImmutability(false);
    direct.setEnforceEncodability(false);
  }
}
