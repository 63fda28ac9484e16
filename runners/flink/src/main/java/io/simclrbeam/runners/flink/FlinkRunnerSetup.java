package io.simclrbeam.runners.flink;

import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.pipelines.runner.RunnerSetup;
import org.apache.beam.runners.flink.FlinkPipelineOptions;
import org.apache.beam.runners.flink.FlinkRunner;
import org.apache.beam.sdk.options.PipelineOptions;

/**
 * Runs jobs on Flink: embedded in this process unless {@code --flinkMaster} names a cluster. {@link
 * JobKind#PIPELINED} jobs run in Flink's streaming mode, whose back-pressure keeps memory flat.
 */
public final class FlinkRunnerSetup implements RunnerSetup {

  @Override
  public String name() {
    return "flink";
  }

  @Override
  public void configure(PipelineOptions options, JobKind kind) {
    FlinkPipelineOptions flink = options.as(FlinkPipelineOptions.class);
    flink.setRunner(FlinkRunner.class);
    flink.setStreaming(kind == JobKind.PIPELINED);
    // No transform here changes an element, so operators of one task may share it.
    flink.setObjectReuse(true);
    flink.setFasterCopy(true);
    if (flink.getFlinkMaster().equals(FlinkPipelineOptions.AUTO) && flink.getParallelism() < 1) {
      flink.setParallelism(Runtime.getRuntime().availableProcessors());
    }
  }
}
