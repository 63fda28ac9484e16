package io.simclrbeam.pipelines.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.cli.DirectSetup;
import io.simclrbeam.transforms.images.ListImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.PipelineResult.State;
import org.apache.beam.sdk.PipelineRunner;
import org.apache.beam.sdk.metrics.MetricResults;
import org.apache.beam.sdk.options.PipelineOptions;
import org.joda.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How jobs end, on a runner that does nothing but end. */
final class LauncherTest {
  private static State end = State.DONE;
  private static boolean waitedFor;
  private static Runnable duringWait = () -> {};
  private static int canceled;

  private final Setup setup = new Setup();

  private static final class Setup implements RunnerSetup {
    private boolean detached;
    private boolean elsewhere;
    private boolean wasDetached;
    private Optional<String> unavailable = Optional.empty();

    @Override
    public String name() {
      return "ending";
    }

    @Override
    public Optional<String> unavailable(PipelineOptions options) {
      return unavailable;
    }

    @Override
    public boolean isDetached(PipelineOptions options) {
      return detached;
    }

    @Override
    public boolean runsElsewhere(PipelineOptions options) {
      return elsewhere;
    }

    @Override
    public void detach(PipelineOptions options) {
      wasDetached = true;
    }

    @Override
    public boolean mayStillRun(Throwable failure) {
      return String.valueOf(failure.getMessage()).contains("gone");
    }

    @Override
    public Optional<String> explain(PipelineOptions options, Throwable failure) {
      return Optional.ofNullable(failure.getMessage());
    }

    @Override
    public void configure(PipelineOptions options, JobKind kind) {
      options.setRunner(EndingRunner.class);
    }
  }

  /** Beam calls it by its name. */
  public static final class EndingRunner extends PipelineRunner<PipelineResult> {
    public static EndingRunner fromOptions(PipelineOptions options) {
      return new EndingRunner();
    }

    @Override
    public PipelineResult run(Pipeline pipeline) {
      if (end == State.UNRECOGNIZED) {
        throw new IllegalStateException("the cluster is gone");
      }
      if (end == State.UNKNOWN) {
        throw new IllegalStateException();
      }
      waitedFor = false;
      return new Ended();
    }
  }

  private static final class Ended implements PipelineResult {
    @Override
    public State getState() {
      return end;
    }

    @Override
    public State cancel() {
      canceled++;
      return State.CANCELLED;
    }

    @Override
    public State waitUntilFinish(Duration duration) {
      return waitUntilFinish();
    }

    @Override
    public State waitUntilFinish() {
      waitedFor = true;
      duringWait.run();
      return end;
    }

    @Override
    public MetricResults metrics() {
      throw new UnsupportedOperationException();
    }
  }

  private void run(State end) {
    LauncherTest.end = end;
    Launcher launcher = new Launcher(setup, List.of(), false);
    launcher.run(launcher.createPipeline(JobKind.BATCH));
  }

  @Test
  void aJobIsWaitedFor() {
    run(State.DONE);
    assertThat(waitedFor).isTrue();
  }

  @Test
  void nobodyWaitsForOneThatIsHandedOver() {
    setup.detached = true;
    run(State.FAILED);
    assertThat(waitedFor).isFalse();
  }

  @Test
  void oneThatEndsBadlyWithoutAnExceptionIsNoSuccess() {
    for (State bad : List.of(State.FAILED, State.CANCELLED)) {
      assertThatThrownBy(() -> run(bad))
          .isInstanceOfSatisfying(
              JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.FAILED))
          .hasMessageContaining("The job ended as " + bad);
    }
  }

  @Test
  void theRunnerExplainsWhatItKnows() {
    assertThatThrownBy(() -> run(State.UNRECOGNIZED))
        .isInstanceOf(JobException.class)
        .hasMessage("the cluster is gone")
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> run(State.UNKNOWN)).isExactlyInstanceOf(IllegalStateException.class);
  }

  @Test
  void aCommandMayHandOverItsLastJob() {
    end = State.FAILED;
    setup.elsewhere = true;
    try (Launcher launcher = new Launcher(setup, List.of(), true)) {
      assertThatThrownBy(() -> launcher.run(launcher.createPipeline(JobKind.BATCH)))
          .as("jobs before the last are waited for")
          .isInstanceOf(JobException.class);
      assertThat(setup.wasDetached).isFalse();

      launcher.runOrHandOver(launcher.createPipeline(JobKind.BATCH));
      assertThat(setup.wasDetached).isTrue();
      assertThat(waitedFor).isFalse();
      assertThat(launcher.isDetached()).isTrue();
    }
  }

  /** What the end of the process does. */
  @Test
  void onlyTheJobThatIsWaitedForIsCanceled() {
    end = State.DONE;
    canceled = 0;
    setup.elsewhere = true;
    Launcher launcher = new Launcher(setup, List.of(), false);
    launcher.close(); // else it would wait for the command to end
    launcher.cancel();
    assertThat(canceled).isZero();
    duringWait = launcher::cancel;
    launcher.run(launcher.createPipeline(JobKind.BATCH));
    duringWait = () -> {};
    assertThat(canceled).isOne();
    launcher.cancel();
    assertThat(canceled).isOne();
  }

  @Test
  void onlyAJobElsewhereMayOutliveItsClient() {
    try (Launcher launcher = new Launcher(setup, List.of(), false)) {
      assertThat(launcher.mayStillRun(new IllegalStateException("the client is gone"))).isFalse();
      setup.elsewhere = true;
      assertThat(launcher.mayStillRun(new IllegalStateException("the client is gone"))).isTrue();
      assertThat(launcher.mayStillRun(new IllegalStateException("the job failed"))).isFalse();
    }
  }

  @Test
  void atItsEndItSaysWhatItsJobsPassedOver(@TempDir Path folder) throws IOException {
    for (String name : List.of("a.png", "b.xmp", "c.mov", ".hidden", "Thumbs.db")) {
      Files.writeString(folder.resolve(name), "x");
    }
    try (Launcher launcher = new Launcher(new DirectSetup(), List.of(), false)) {
      assertThat(launcher.passedOver()).isEmpty();
      for (int job = 1; job <= 2; job++) {
        Pipeline pipeline = launcher.createPipeline(JobKind.BATCH);
        pipeline.apply(ListImages.in(List.of(folder.toString())));
        launcher.run(pipeline);
        assertThat(launcher.passedOver().orElseThrow())
            .matches(
                "Passed over, as no images by rule: %1$d hidden \\(such as .hidden\\), %1$d left by programs \\(such as Thumbs.db\\), %2$d of other kinds \\(such as (b.xmp|c.mov)\\)."
                    .formatted(job, 2 * job));
      }
    }
  }

  @Test
  void whereNoJobCanBeStartedNoneIs() {
    setup.unavailable = Optional.of("come back later");
    assertThatThrownBy(() -> new Launcher(setup, List.of(), false))
        .isInstanceOf(JobException.class)
        .hasMessage("come back later");
  }
}
