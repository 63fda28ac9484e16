package io.simclrbeam.runners.direct;

import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.pipelines.runner.RunnerSetup;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.runners.direct.DirectRunner;
import org.apache.beam.sdk.options.PipelineOptions;

/** Runs jobs in this process, all data in memory; {@link JobKind#PIPELINED} ones as batch. */
public final class DirectRunnerSetup implements RunnerSetup {
  @Override
  public String name() {
    return "direct";
  }

  /** This runner makes all views of a job before the first is used. */
  @Override
  public long viewBytesOfRound() {
    return Runtime.getRuntime().maxMemory() / 8;
  }

  @Override
  public void configure(PipelineOptions options, JobKind kind) {
    DirectOptions direct = options.as(DirectOptions.class);
    direct.setRunner(DirectRunner.class);
    // These check every element for changes by encoding it: for tests of Beam code, not for pixels.
    direct.setEnforceImmutability(false);
    direct.setEnforceEncodability(false);
  }
}
