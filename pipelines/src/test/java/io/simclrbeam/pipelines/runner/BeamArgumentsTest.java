package io.simclrbeam.pipelines.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.sdk.options.ExperimentalOptions;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.junit.jupiter.api.Test;

final class BeamArgumentsTest {
  private static final List<String> ARGUMENTS =
      List.of("--targetParallelism=3", "--experiments=a,b", "--jobName=c");

  @Test
  void optionsAreWhatBeamMakesOfThem() {
    assertThat(parsed()).isEqualTo("3 [a, b] c");
    assertThat(BeamArguments.names(options -> options == DirectOptions.class))
        .contains("--targetParallelism", "--blockOnRun")
        .doesNotContain("--jobName");
  }

  /** In a process of its own, as Beam's factory starts once. */
  @Test
  void theProgramRegistersOnlyWhatItIsGiven() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    assertThat(process.waitFor()).isZero();
    assertThat(lines).contains("3 [a, b] c", "DirectOptions", "ExperimentalOptions");
    assertThat(lines).as("given by nobody").doesNotContain("StreamingOptions");
  }

  private static String parsed() {
    PipelineOptions options = BeamArguments.parse(ARGUMENTS);
    return "%d %s %s"
        .formatted(
            options.as(DirectOptions.class).getTargetParallelism(),
            options.as(ExperimentalOptions.class).getExperiments(),
            options.getJobName());
  }

  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      BeamArguments.ownFactory();
      System.out.println(parsed());
      for (Class<?> options : PipelineOptionsFactory.getRegisteredOptions()) {
        System.out.println(options.getSimpleName());
      }
    }
  }
}
