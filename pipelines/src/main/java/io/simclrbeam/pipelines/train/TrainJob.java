package io.simclrbeam.pipelines.train;

import io.simclrbeam.model.checkpoint.Checkpoints;
import io.simclrbeam.model.encoder.GivenWeights;
import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.export.ModelExport;
import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.model.train.StartingWeights;
import io.simclrbeam.model.train.TrainingRun;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.pipelines.Versions;
import io.simclrbeam.pipelines.index.IndexJob;
import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.pipelines.runner.Launcher;
import io.simclrbeam.pipelines.runner.WorkerDevice;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.index.IndexImages;
import io.simclrbeam.transforms.index.Manifest;
import io.simclrbeam.transforms.rejects.RejectSummary;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.training.TrainSimclr;
import io.simclrbeam.transforms.training.TrainingLease;
import io.simclrbeam.transforms.training.TrainingSpec;
import java.io.IOException;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.beam.sdk.Pipeline;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains an encoder and exports it: index the images, train from the newest checkpoint on, export.
 * Each part is skipped if an earlier start of the same job has done it.
 */
public final class TrainJob {
  private static final Logger LOG = LoggerFactory.getLogger(TrainJob.class);

  private static final long WATCH_MILLIS = 10_000;

  private static final String LABELS =
      "A label is the name of an image's folder below --input, or what --labelField names in a"
          + " shard. Give images that have them and another --model, or another --loss.";

  private final TrainArgs args;
  private final Launcher launcher;
  private final BeamFileStore model;
  private final @Nullable InitFile init;
  private volatile boolean inRounds;

  private TrainJob(TrainArgs args, Launcher launcher) {
    this.args = args;
    this.launcher = launcher;
    this.model = new BeamFileStore(args.model());
    @Nullable String file = args.network().init();
    this.init = file == null ? null : new InitFile(file);
  }

  /**
   * Runs the job to its end.
   *
   * @throws JobException if it cannot be done, with the reason
   */
  public static void run(TrainArgs args, Launcher launcher) throws IOException {
    new TrainJob(args, launcher).run();
  }

  private void run() throws IOException {
    if (ModelCard.exists(model)) { // it needs its images no more, and nobody trains it
      Manifest manifest = prepare();
      RunFile.claim(model, manifest, args.source(), settings(manifest), init);
      LOG.info("The finished model is already in {}.", model.location());
      return;
    }
    args.source().check();
    checkBatch(args.source().countUpTo(args.batchSize(TrainArgs.USUAL_BATCH)));
    checkInit(args.imageSize());
    try (TrainingLease lease = TrainingLease.take(model)) {
      if (!launcher.runsElsewhere()) {
        launcher.onEnd(() -> stop(lease));
      }
      boolean over = true;
      try {
        over = run(lease);
      } catch (RuntimeException e) {
        over = !launcher.mayStillRun(e);
        throw e;
      } finally {
        if (over) {
          lease.end();
        }
      }
    }
  }

  /** Loses no step, and lets the next start go on at once. */
  private void stop(TrainingLease lease) {
    if (!TrainSimclr.stop(lease.job()) && inRounds) {
      LOG.info("Stopped before the next step; the same command goes on.");
    }
    lease.end();
  }

  /** Returns whether all is done; if not, a job was handed over. */
  private boolean run(TrainingLease lease) throws IOException {
    Manifest manifest = prepare();
    TrainingSettings settings =
        RunFile.claim(model, manifest, args.source(), settings(manifest), init);
    if (!train(manifest, settings, lease)) {
      return false;
    }
    checkRejects(manifest);
    lease.takeBack();
    export(manifest, settings);
    return true;
  }

  private Manifest prepare() throws IOException {
    IndexJob.provide(args.source(), model, args.maxRejects(), launcher);
    return Manifest.read(model);
  }

  /** Images may have changed or gone since they were indexed. */
  private void checkRejects(Manifest manifest) throws IOException {
    RejectSummary all = RejectSummary.read(model, IndexImages.JOB, TrainSimclr.JOB);
    if (all.total() > 0) {
      LOG.info("{}", all.table(model));
    }
    long rejected = RejectSummary.read(model, TrainSimclr.JOB).total();
    long images = manifest.images().size();
    if (args.maxRejects().isExceeded(rejected, images)) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "No more use of %s, more than --maxRejects=%s allows, so others stood in. Nothing was exported; allow more to export what was trained, or train anew."
              .formatted(Numbers.part(rejected, images, "image"), args.maxRejects()));
    }
  }

  private void checkBatch(OptionalLong images) {
    if (!args.trains() || images.isEmpty()) {
      return;
    }
    long count = images.getAsLong();
    int batch = args.batchSize(count);
    if (count < batch) {
      throw new JobException(
          ExitCode.USAGE,
          args.optimization().batchSize() == null
              ? "Training needs at least 2 images, but there is %d.".formatted(count)
              : "--batchSize=%d needs at least as many images, but there are %d. Choose a smaller batch, or leave the choice to the program."
                  .formatted(batch, count));
    }
  }

  /** A loss that reads classes has something to tell apart only if there are several. */
  private void checkLabels(Manifest manifest) {
    if (!args.trains() || !args.optimization().loss().readsClasses()) {
      return;
    }
    List<ImageRef> images = manifest.images();
    long labeled = images.stream().filter(image -> image.label() != null).count();
    if (labeled == 0) {
      throw new JobException(
          ExitCode.USAGE,
          "--loss=supcon needs images with labels, but none of the %d images has one. %s"
              .formatted(images.size(), LABELS));
    }
    if (labeled == images.size()
        && Arrays.stream(manifest.classes()).allMatch(number -> number == 0)) {
      throw new JobException(
          ExitCode.USAGE,
          "--loss=supcon needs images of at least two classes, but the label of all %d images is '%s'. %s"
              .formatted(images.size(), images.get(0).label(), LABELS));
    }
  }

  /**
   * Makes sure that a new run can begin with the weights that are given, before images are read and
   * before the folder is the run's. A run that has begun has no need of them.
   *
   * @param size side of a view in pixels; null if it is not known yet
   */
  private void checkInit(@Nullable Integer size) throws IOException {
    if (init == null || RunFile.exists(model)) {
      return;
    }
    StartingWeights unusedStart = init.start();
    if (size != null) {
      GivenWeights unusedWeights = init.of(args.network().encoder().apply(size), size);
    }
  }

  private TrainingSettings settings(Manifest manifest) throws IOException {
    int images = manifest.images().size();
    checkBatch(OptionalLong.of(images));
    checkLabels(manifest);
    int size = imageSize(manifest);
    List<String> problems = args.problems(size);
    if (!problems.isEmpty()) {
      throw new JobException(ExitCode.USAGE, String.join(System.lineSeparator(), problems));
    }
    checkInit(size);
    WorkerDevice device =
        WorkerDevice.of(args.work().device(), args.work().accelerator(), launcher.runsElsewhere());
    return args.settings(images, size, device.hasFastBf16());
  }

  /** A run keeps the size that it began with. */
  private int imageSize(Manifest manifest) throws IOException {
    if (args.imageSize() != null) {
      return args.imageSize();
    }
    OptionalInt begun = RunFile.imageSize(model);
    if (begun.isPresent()) {
      return begun.getAsInt();
    }
    int side = manifest.medianSide();
    int size = FittingSize.of(side);
    LOG.info(FittingSize.describe(side, args.following().apply(size)));
    return size;
  }

  /** Returns whether all steps are done; if not, a job was handed over. */
  private boolean train(Manifest manifest, TrainingSettings settings, TrainingLease lease)
      throws IOException {
    TrainingRun.initialize(model, settings, () -> init == null ? Map.of() : init.begin(settings));
    Checkpoints checkpoints = new Checkpoints(model);
    long done = checkpoints.newestStep().orElseThrow();
    if (done == settings.steps()) {
      return true;
    }
    long roundSteps = roundSteps(settings);
    boolean whole = settings.steps() - done <= roundSteps;
    if (launcher.isDetached() && !whole) {
      throw new JobException(
          ExitCode.USAGE,
          "--detach hands over one job, but this runner trains in rounds of %d of %d steps, a job each."
              .formatted(roundSteps, settings.steps() - done));
    }
    LOG.info(
        "Training {} from step {} to {}{}, batches of {}, {}.",
        settings.encoder().name(),
        done,
        settings.steps(),
        whole ? "" : " in rounds of " + Numbers.count(roundSteps, "step"),
        settings.batchSize(),
        settings.precision().code());
    if (launcher.isDetached()) {
      trainRound(manifest, settings, settings.steps(), lease);
      LOG.info(
          "Handed over the job. {}metrics.jsonl shows how far it is. When it is done, the same"
              + " command exports the model.",
          model.location());
      return false;
    }
    @Nullable CheckpointWatch watch =
        launcher.runsElsewhere()
            ? CheckpointWatch.start(model, done, settings.steps(), WATCH_MILLIS)
            : null;
    inRounds = true;
    try {
      trainRounds(manifest, settings, checkpoints, done, roundSteps, lease);
    } finally {
      inRounds = false;
      if (watch != null) {
        watch.stop();
      }
    }
    return true;
  }

  private void trainRounds(
      Manifest manifest,
      TrainingSettings settings,
      Checkpoints checkpoints,
      long firstStep,
      long roundSteps,
      TrainingLease lease)
      throws IOException {
    long done = firstStep;
    while (done < settings.steps()) {
      long last = Math.min(done + roundSteps, settings.steps());
      trainRound(manifest, settings, last, lease);
      done = checkpoints.newestStep().orElseThrow();
      if (done != last) {
        throw new JobException(
            ExitCode.FAILED,
            "The job ended, but training stands at step %d of %d. Start it again to go on from there."
                .formatted(done, settings.steps()));
      }
    }
  }

  private long roundSteps(TrainingSettings settings) {
    if (args.work().roundSteps() != null) {
      return Math.min(args.work().roundSteps(), settings.steps());
    }
    long batchBytes = (long) settings.viewBytes() * settings.batchSize();
    long steps = launcher.stageBytes().orElse(Long.MAX_VALUE) / batchBytes;
    return Math.max(1, Math.min(steps, settings.steps()));
  }

  private void trainRound(
      Manifest manifest, TrainingSettings settings, long lastStep, TrainingLease lease) {
    TrainingSpec spec =
        TrainingSpec.of(
                model.location(),
                manifest.images().size(),
                settings,
                args.work().checkpoints(),
                lastStep,
                args.work().device(),
                lease.job())
            .withProbes(args.work().probes());
    Pipeline pipeline = launcher.createPipeline(JobKind.PIPELINED);
    TrainSimclr training = TrainSimclr.of(spec).withAccelerator(args.work().accelerator());
    pipeline.apply("Train", launcher.stageBytes().isEmpty() ? training : training.inRounds());
    launcher.runOrHandOver(pipeline);
  }

  private void export(Manifest manifest, TrainingSettings settings) throws IOException {
    ModelCard card =
        ModelExport.export(
            model,
            settings,
            Math.max(1, manifest.images().size() / settings.batchSize()),
            manifest.sha256(),
            Versions.here(),
            Clock.systemUTC());
    LOG.info(
        "{}: {}, {}-dimensional embeddings, model {} in {}.",
        card.encoder(),
        Numbers.count(card.steps(), "step"),
        card.dimension(),
        card.id(),
        model.location());
  }
}
