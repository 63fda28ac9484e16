package io.simclrbeam.model.train;

import ai.djl.Device;
import io.simclrbeam.model.batch.BatchPlan;
import io.simclrbeam.model.checkpoint.Checkpoint;
import io.simclrbeam.model.checkpoint.CheckpointInterval;
import io.simclrbeam.model.checkpoint.Checkpoints;
import io.simclrbeam.model.checkpoint.Fence;
import io.simclrbeam.model.evaluate.Probe;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/**
 * A training run that can be cut off anywhere: the fold {@code model[s+1] = step(model[s],
 * batch(s))}, with a checkpoint now and then to go on from.
 */
public final class TrainingRun implements AutoCloseable {
  /** So that the metrics of a long run stay a small file. */
  private static final long LOGGED_STEPS = 2000;

  /** Of a probe, as many images at a time; fewer where training takes fewer views. */
  private static final int PROBED_TOGETHER = 64;

  private final FileStore store;
  private final Checkpoints checkpoints;
  private final TrainingSettings settings;
  private final long stepsPerEpoch;
  private final CheckpointInterval interval;
  private final long lastStep;
  private final DivergenceAlarm alarm;
  private final Progress progress;
  private final List<MetricsLine> metrics;
  private final Trainer trainer;
  private final StepWatch watch;
  private ProbePlan probes = ProbePlan.NONE;
  private ProbeSample sample = receiver -> true;
  private long stepsDone;
  private long savedStep;
  private long savedNanos = System.nanoTime();
  private long loggedStep;
  private long loggedNanos = System.nanoTime();

  private TrainingRun(
      FileStore store,
      TrainingSettings settings,
      BatchPlan plan,
      CheckpointInterval interval,
      long lastStep,
      Checkpoint start,
      Device device,
      Fence fence,
      StepWatch watch)
      throws IOException {
    this.store = store;
    this.checkpoints = new Checkpoints(store, fence);
    this.settings = settings;
    this.stepsPerEpoch = plan.stepsPerEpoch();
    this.interval = interval;
    this.lastStep = Math.min(lastStep, settings.steps());
    this.alarm = new DivergenceAlarm(settings.head().dimension(), start.collapsedSteps());
    this.stepsDone = start.step();
    this.savedStep = start.step();
    this.loggedStep = start.step();
    this.progress = new Progress(settings, stepsPerEpoch, stepsDone);
    this.metrics = MetricsFile.read(store, stepsDone);
    this.metrics.forEach(progress::note);
    this.trainer = Trainer.restore(settings.program(), start.state(), device);
    this.watch = watch;
  }

  /**
   * Writes the checkpoint of step 0, new weights from the seed, unless there is a valid one. Where
   * all are damaged, training thus starts anew, to the same end.
   */
  public static void initialize(FileStore store, TrainingSettings settings) throws IOException {
    initialize(store, settings, Map::of);
  }

  /**
   * Writes the same checkpoint where the encoder does not begin with new weights, but with those
   * that {@link TrainingSettings#init} tells of. The head begins with new ones.
   *
   * @param given is asked for the tensors that are not new, only if there is no valid checkpoint
   */
  public static void initialize(FileStore store, TrainingSettings settings, Given given)
      throws IOException {
    Checkpoints checkpoints = new Checkpoints(store);
    if (checkpoints.newestStep().isEmpty()) {
      Map<String, Tensor> state = settings.program().write().initialize(settings.streams());
      given.tensors().forEach(state::replace);
      checkpoints.save(new Checkpoint(0, state, 0));
    }
  }

  /** Yields tensors of the training program that are not new, by their names. */
  @FunctionalInterface
  public interface Given {
    Map<String, Tensor> tensors() throws IOException;
  }

  /**
   * Goes on from the newest checkpoint.
   *
   * @param interval between checkpoints
   * @param lastStep number of steps done at which this part of the run ends, with a checkpoint
   * @param fence to pass before a checkpoint is written
   * @throws IllegalStateException if the folder has no valid checkpoint
   */
  public static TrainingRun resume(
      FileStore store,
      TrainingSettings settings,
      BatchPlan plan,
      CheckpointInterval interval,
      long lastStep,
      Device device,
      Fence fence)
      throws IOException {
    return resume(store, settings, plan, interval, lastStep, device, fence, StepWatch.start());
  }

  static TrainingRun resume(
      FileStore store,
      TrainingSettings settings,
      BatchPlan plan,
      CheckpointInterval interval,
      long lastStep,
      Device device,
      Fence fence,
      StepWatch watch)
      throws IOException {
    Checkpoint start =
        new Checkpoints(store)
            .newest()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "no checkpoint in %s can be read; delete the folder to start anew"
                            .formatted(store.location())));
    return new TrainingRun(store, settings, plan, interval, lastStep, start, device, fence, watch);
  }

  /**
   * Has the encoder probed while it trains, which changes no weight. What is found becomes part of
   * the metrics.
   */
  public void probe(ProbePlan plan, ProbeSample images) {
    probes = plan;
    sample = images;
  }

  /** Returns the number of steps done, which is the number of the next step from 0. */
  public long stepsDone() {
    return stepsDone;
  }

  /** Returns the number of steps of the whole run. */
  public long steps() {
    return settings.steps();
  }

  /** Returns whether all steps of this part are done, and their outcome is in a checkpoint. */
  public boolean isDone() {
    return stepsDone >= lastStep;
  }

  /** Returns whether the outcome of the last step is in a checkpoint. */
  public boolean isCheckpointed() {
    return savedStep == stepsDone;
  }

  /**
   * Does the next step.
   *
   * @param views the batch, a direct buffer for each of the {@link TrainingSettings#microBatches},
   *     uint8 {@code [n, K, size, size, 3]}
   * @param classes of the images, for a loss that is supervised; see {@link Trainer#step}
   * @return how it went
   * @throws io.simclrbeam.model.train.TrainingDivergedException if going on is useless; no
   *     checkpoint holds this step then
   */
  public StepStatistics step(List<ByteBuffer> views, long[] classes) throws IOException {
    double rate = settings.schedule().rate(stepsDone, settings.steps());
    StepStatistics statistics =
        watch.during(stepsDone, () -> trainer.step(views, classes, stepsDone, rate));
    alarm.check(stepsDone, statistics);
    stepsDone++;
    boolean probed = probes.isDue(stepsDone, stepsPerEpoch, settings.steps());
    log(rate, statistics, probed);
    if (probed) {
      probe();
    }
    progress.report(stepsDone, statistics);
    if (isDone() || interval.isOver(stepsDone, System.nanoTime() - savedNanos)) {
      save();
    }
    return statistics;
  }

  /** Does the next step of a run whose loss is not supervised. */
  public StepStatistics step(List<ByteBuffer> views) throws IOException {
    return step(views, new long[0]);
  }

  /** Writes a checkpoint of the steps done, unless there is one. */
  public void save() throws IOException {
    if (stepsDone > savedStep) {
      MetricsFile.write(store, metrics);
      EventFile.write(store, metrics, settings.batchSize(), InstantSource.system());
      checkpoints.save(new Checkpoint(stepsDone, trainer.state(), alarm.collapsedSteps()));
      savedStep = stepsDone;
      savedNanos = System.nanoTime();
    }
  }

  /** Adds to the line of the step that was just logged. */
  private void probe() throws IOException {
    SampleEncoder encoder =
        new SampleEncoder(
            images -> watch.during(stepsDone - 1, () -> trainer.embed(images)),
            settings.views().viewBytes(),
            Math.min(PROBED_TOGETHER, 2 * settings.batchSize()));
    if (sample.read(encoder)) {
      encoder
          .embeddings()
          .map(Probe::of)
          .ifPresent(
              probe -> {
                MetricsLine line = metrics.remove(metrics.size() - 1).with(probe);
                metrics.add(line);
                progress.note(line);
              });
    }
    loggedNanos = System.nanoTime(); // it is no part of how fast training is
  }

  private void log(double rate, StepStatistics statistics, boolean always) {
    long interval = (settings.steps() + LOGGED_STEPS - 1) / LOGGED_STEPS;
    if (!always && stepsDone % interval != 0 && stepsDone < settings.steps()) {
      return;
    }
    long now = System.nanoTime();
    double images = (double) (stepsDone - loggedStep) * settings.batchSize();
    metrics.add(
        new MetricsLine(
            stepsDone,
            (double) stepsDone / stepsPerEpoch,
            statistics.loss(),
            statistics.contrastiveTop1(),
            rate,
            images * 1e9 / (now - loggedNanos),
            statistics.embeddingStd(),
            statistics.gradientNorm(),
            null,
            null,
            null,
            null));
    loggedStep = stepsDone;
    loggedNanos = now;
  }

  @Override
  public void close() {
    watch.close();
    trainer.close();
  }
}
