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
    if (direct.getTargetParallelism() == usualParallelism(direct)) {
      direct.setTargetParallelism(parallelism(kind));
    }
  }

  /** Returns what Beam chooses where the user has not chosen. */
  private static int usualParallelism(DirectOptions options) {
    return new DirectOptions.AvailableParallelismFactory().create(options);
  }

  /**
   * Whenever a thread has nothing to do, Beam's runner asks in it all the time whether a bundle is
   * done. That takes a core. Training's step is one bundle, and libtorch has the cores for it. With
   * three threads on two cores, 16 small steps took 11 s rather than 1.5 s.
   */
  private static int parallelism(JobKind kind) {
    int cores = Runtime.getRuntime().availableProcessors();
    return kind == JobKind.PIPELINED ? Math.max(1, cores / 4) : cores;
  }
}
