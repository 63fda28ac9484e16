package io.simclrbeam.pipelines.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.runner.Finding;
import io.simclrbeam.pipelines.runner.Finding.Level;
import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.pipelines.runner.RunnerSetup;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.junit.jupiter.api.Test;

final class DoctorJobTest {
  private final StringWriter printed = new StringWriter();

  private void run(Finding... findings) {
    RunnerSetup runner =
        new RunnerSetup() {
          @Override
          public String name() {
            return "test";
          }

          @Override
          public void configure(PipelineOptions options, JobKind kind) {}

          @Override
          public List<Finding> diagnose(PipelineOptions options) {
            return List.of(findings);
          }
        };
    DoctorJob.run(runner, PipelineOptionsFactory.create(), new PrintWriter(printed, true));
  }

  @Test
  void describesTheMachineAndWhereJobsRun() {
    run(Finding.ok("all is there"), Finding.warning("it is slow", "buy a faster one"));
    assertThat(printed.toString())
        .contains("ok       Java ", "libtorch 2.", "File systems: ", "ok       all is there")
        .contains("warning  it is slow", "           → buy a faster one");
  }

  @Test
  void endsWithAnErrorIfJobsWouldFail() {
    assertThatThrownBy(() -> run(Finding.problem("it is gone", "put it back")))
        .isInstanceOf(JobException.class)
        .hasMessage("1 problem, see above.");
    assertThat(printed.toString()).contains("problem  it is gone", "→ put it back");
  }

  @Test
  void missesTheSettingsOfTheLauncher() {
    Map<String, String> some =
        Map.of("THP_MEM_ALLOC_ENABLE", "1", "MALLOC_TRIM_THRESHOLD_", "1", "OMP_WAIT_POLICY", "");
    assertThat(new MachineCheck(some).findings(PipelineOptionsFactory.create()))
        .filteredOn(finding -> finding.level() == Level.WARNING)
        .extracting(Finding::what)
        .contains("Not set in the environment: MALLOC_MMAP_THRESHOLD_");
  }

  @Test
  void namesALimitOnKernels() {
    assertThat(
            new MachineCheck(Map.of("ONEDNN_MAX_CPU_ISA", "AVX2"))
                .findings(PipelineOptionsFactory.create()))
        .filteredOn(finding -> finding.level() == Level.WARNING)
        .extracting(Finding::what)
        .contains("ONEDNN_MAX_CPU_ISA=AVX2 may limit libtorch's kernels");
  }
}
