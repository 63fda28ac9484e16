package io.simclrbeam.pipelines.runner;

import io.simclrbeam.model.progress.SilenceWatch;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.dataset.RunLease;
import io.simclrbeam.transforms.images.PassedOver;
import io.simclrbeam.transforms.progress.ImageProgress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.options.PipelineOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes pipelines that run on the chosen runner. If the process is told to end meanwhile, as by
 * Ctrl-C, it first cancels the job that it waits for elsewhere.
 */
public final class Launcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);

  /** Time for a command to say what became of its job, once that was canceled. */
  private static final Duration FAREWELL = Duration.ofSeconds(30);

  private final RunnerSetup setup;
  private final List<String> arguments;
  private final boolean detach;
  private final PassedOver passedOver = new PassedOver();
  private final List<Thread> hooks = new ArrayList<>();
  private volatile @Nullable JobKind kind;
  private volatile boolean waiting;
  private volatile @Nullable PipelineResult running;
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * Creates one, and registers the file systems that the arguments configure.
   *
   * @param arguments options of Beam and the runner, as {@code --name=value}
   * @param detach whether the last job is handed over and not waited for
   * @throws JobException if no job can be started now
   */
  public Launcher(RunnerSetup setup, List<String> arguments, boolean detach) {
    this.setup = setup;
    this.arguments = List.copyOf(arguments);
    this.detach = detach;
    FileSystems.setDefaultPipelineOptions(options());
    if (runsElsewhere()) {
      onEnd(this::cancel);
    } else {
      ImageProgress.workAlone();
      onEnd(this::sayStopped);
    }
    setup
        .unavailable(options())
        .ifPresent(
            reason -> {
              throw new JobException(ExitCode.FAILED, reason);
            });
  }

  /** Returns a new, empty pipeline. */
  public Pipeline createPipeline(JobKind kind) {
    PipelineOptions options = options();
    setup.configure(options, kind);
    this.kind = kind;
    return Pipeline.create(options);
  }

  /**
   * Runs a pipeline to its end, or only hands it over if nobody can wait for it.
   *
   * @throws JobException if it failed
   */
  public void run(Pipeline pipeline) {
    run(pipeline, setup.isDetached(options()));
  }

  /**
   * Runs a pipeline to its end, or only hands it over if {@link #isDetached}. Then it must be the
   * command's last.
   *
   * @throws JobException if it failed
   */
  public void runOrHandOver(Pipeline pipeline) {
    if (detach) {
      setup.detach(pipeline.getOptions());
    }
    run(pipeline, isDetached());
  }

  /**
   * Runs the pipeline that writes a run of an embedding data set, as {@link
   * #runOrHandOver(Pipeline)} does. If it fails, the run is given up, unless the job may still
   * write it.
   *
   * @return whether the pipeline has ended; else it was handed over, which this says
   */
  public boolean runOrHandOver(Pipeline pipeline, RunLease run) {
    if (!runsElsewhere()) {
      onEnd(run::end);
    }
    try {
      runOrHandOver(pipeline);
    } catch (RuntimeException e) {
      if (!mayStillRun(e)) {
        run.end();
      }
      throw e;
    }
    if (isDetached()) {
      LOG.info(
          "Handed over the job that fills {}. It publishes the run itself; 'simclr show' lists it then.",
          run.folder().location());
    }
    return !isDetached();
  }

  private void run(Pipeline pipeline, boolean handOver) {
    PipelineResult.State state;
    waiting = !handOver;
    @Nullable SilenceWatch watch = runsElsewhere() ? null : SilenceWatch.start();
    try {
      PipelineResult result = pipeline.run();
      running = result;
      state = handOver ? PipelineResult.State.DONE : result.waitUntilFinish();
      if (!handOver) {
        count(result);
      }
    } catch (RuntimeException e) {
      String reason = setup.explain(options(), e).orElseThrow(() -> e);
      throw new JobException(ExitCode.FAILED, reason, e);
    } finally {
      if (watch != null) {
        watch.close();
      }
      waiting = false;
      running = null;
    }
    if (state != PipelineResult.State.DONE) {
      throw new JobException(
          ExitCode.FAILED,
          "The job ended as %s; the runner's log says why. The same command goes on from what is there."
              .formatted(state));
    }
  }

  /** Says what the jobs passed over; nothing if there was none of it. */
  Optional<String> passedOver() {
    return passedOver.isEmpty()
        ? Optional.empty()
        : Optional.of("Passed over, as no images by rule: %s.".formatted(passedOver.describe()));
  }

  private void count(PipelineResult result) {
    try {
      passedOver.addAll(PassedOver.of(result.metrics()));
    } catch (RuntimeException e) {
      LOG.debug("The runner does not tell the metrics of the job.", e);
    }
  }

  /** Says what became of a job in this process that ends with it. Training says it of itself. */
  private void sayStopped() {
    if (waiting && kind != JobKind.PIPELINED) {
      LOG.info("Stopped before the end, so nothing is published. The same command does it anew.");
    }
  }

  /** Cancels the job that is waited for, if there is one, and lets the command say what it left. */
  void cancel() {
    if (!waiting) {
      return;
    }
    try {
      @Nullable PipelineResult result = running;
      boolean canceled = setup.cancel();
      if (result != null) {
        result.cancel();
        canceled = true;
      }
      if (!canceled) {
        LOG.info("The job goes on: it can only be canceled where it runs.");
        return;
      }
      LOG.info("Canceled the job. The same command then goes on from what is there.");
      if (!closed.await(FAREWELL.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("The job was told to end, but had not after {} s.", FAREWELL.toSeconds());
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("The job could not be canceled and may go on: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Does something if the process is told to end before this is closed, as by Ctrl-C. */
  public void onEnd(Runnable ending) {
    Thread hook = new Thread(ending);
    hooks.add(hook);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Says that the command is at its end, and what its jobs passed over. */
  @Override
  public void close() {
    passedOver().ifPresent(LOG::info);
    closed.countDown();
    try {
      hooks.forEach(Runtime.getRuntime()::removeShutdownHook);
    } catch (IllegalStateException e) {
      LOG.debug("The process is ending already.", e);
    }
  }

  /**
   * Returns whether a job may still run though waiting for it has failed.
   *
   * @param failure thrown by {@link #run}
   */
  public boolean mayStillRun(RuntimeException failure) {
    return runsElsewhere() && setup.mayStillRun(failure);
  }

  /** Returns {@link RunnerSetup#stageBytes}. */
  public OptionalLong stageBytes() {
    return setup.stageBytes();
  }

  /** Returns {@link RunnerSetup#runsElsewhere}. */
  public boolean runsElsewhere() {
    return setup.runsElsewhere(options());
  }

  /** Returns whether the last job is handed over, and not waited for. */
  public boolean isDetached() {
    return detach || setup.isDetached(options());
  }

  private PipelineOptions options() {
    return BeamArguments.parse(arguments);
  }
}
