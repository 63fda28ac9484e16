package io.simclrbeam.runners.direct;

import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.pipelines.runner.RunnerSetup;
import java.util.OptionalLong;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.runners.direct.DirectRunner;
import org.apache.beam.sdk.options.PipelineOptions;

/** Runs jobs in this process, all data in memory; {@link JobKind#PIPELINED} ones as batch. */
public final class DirectRunnerSetup implements RunnerSetup {
  @Override
  public String name() {
    return "direct";
  }

  @Override
  public OptionalLong stageBytes() {
    return OptionalLong.of(Runtime.getRuntime().maxMemory() / 8);
  }

  @Override
  public void configure(PipelineOptions options, JobKind kind) {
    DirectOptions direct = options.as(DirectOptions.class);
    direct.setRunner(DirectRunner.class);
    // These checks encode every element to see whether it changes, which is too slow for pixels.
    direct.setEnforceImmutability(false);
    direct.setEnforceEncodability(false);
  }
}
