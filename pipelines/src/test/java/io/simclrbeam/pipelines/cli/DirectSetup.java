package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.pipelines.runner.RunnerSetup;
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
    options.setRunner(DirectRunner.class);
  }
}
