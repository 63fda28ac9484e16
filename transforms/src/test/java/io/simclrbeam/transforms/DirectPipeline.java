package io.simclrbeam.transforms;

import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;

/**
 * Pipelines for tests on the direct runner, in one thread. With more threads, one of them does
 * nothing but ask all the time whether a bundle is done, and takes a core from the work.
 */
public final class DirectPipeline {
  private DirectPipeline() {}

  /** Returns a pipeline that fails if an element is changed or cannot be encoded. */
  public static Pipeline checked() {
    return Pipeline.create(options());
  }

  /** Returns one without these checks, which take a third of the time of many short steps. */
  public static Pipeline unchecked() {
    DirectOptions options = options();
    options.setEnforceImmutability(false);
    options.setEnforceEncodability(false);
    return Pipeline.create(options);
  }

  private static DirectOptions options() {
    DirectOptions options = PipelineOptionsFactory.create().as(DirectOptions.class);
    options.setTargetParallelism(1);
    return options;
  }
}
