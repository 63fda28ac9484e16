package io.simclrbeam.runners.direct;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.pipelines.runner.JobKind;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.junit.jupiter.api.Test;

final class DirectRunnerSetupTest {
  private static final int CORES = Runtime.getRuntime().availableProcessors();

  @Test
  void trainingHasFewThreadsAsLibtorchHasItsOwn() {
    assertThat(parallelism(JobKind.PIPELINED)).isEqualTo(Math.max(1, CORES / 4));
    assertThat(parallelism(JobKind.BATCH)).isEqualTo(CORES);
  }

  @Test
  void aParallelismThatIsGivenHolds() {
    assertThat(parallelism(JobKind.PIPELINED, "--targetParallelism=77")).isEqualTo(77);
  }

  private static int parallelism(JobKind kind, String... arguments) {
    DirectOptions options =
        PipelineOptionsFactory.fromArgs(arguments).create().as(DirectOptions.class);
    new DirectRunnerSetup().configure(options, kind);
    return options.getTargetParallelism();
  }
}
