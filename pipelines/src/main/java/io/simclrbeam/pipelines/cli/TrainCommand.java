package io.simclrbeam.pipelines.cli;

import io.simclrbeam.model.checkpoint.CheckpointInterval;
import io.simclrbeam.model.encoder.Pixels;
import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.train.ProbePlan;
import io.simclrbeam.pipelines.runner.Launcher;
import io.simclrbeam.pipelines.train.TrainArgs;
import io.simclrbeam.pipelines.train.TrainJob;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code simclr train}. */
@Command(
    name = "train",
    description =
        "Trains an encoder on images without labels, by SimCLR, and exports it. The same command"
            + " given again goes on with a run that was stopped.",
    optionListHeading = "Run")
final class TrainCommand implements PipelineCommand<TrainArgs> {
  private static final Logger LOG = LoggerFactory.getLogger(TrainCommand.class);

  private static final String PROBE_IMAGES = "--probeImages";

  /** What the recipe did, if there is one. */
  Optional<String> set = Optional.empty();

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--model",
      required = true,
      paramLabel = "FOLDER",
      description = "Folder for checkpoints, metrics and the finished model")
  @Nullable String model;

  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      description =
          "Options of a published run: simclr-cifar10, google-cifar10, lightly-cifar10, solo-cifar10 or"
              + " simclr-imagenet. Options given beside it win; what it sets is printed")
  @Nullable String recipe;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Of weights, order and views; equal seeds, images and options give equal weights")
  String seed = "0";

  @Option(
      names = "--checkpointSteps",
      paramLabel = "N",
      description = "Steps from one checkpoint to the next, unless time is up before")
  String checkpointSteps = "500";

  @Option(
      names = "--checkpointMinutes",
      paramLabel = "N",
      description = "Time from one checkpoint to the next, unless the steps are done before")
  String checkpointMinutes = "10";

  @Option(
      names = "--roundSteps",
      paramLabel = "N",
      description =
          "Steps of a job, after which another one goes on; the weights do not depend on it. auto:"
              + " as many as the runner can hold views of, on Flink all")
  String roundSteps = "auto";

  @Option(
      names = "--probeEpochs",
      paramLabel = "N",
      description =
          "Epochs from one look at the embeddings of a sample to the next, with one more at the end; the"
              + " weights do not depend on it. 0: none")
  String probeEpochs = "0";

  @Option(
      names = PROBE_IMAGES,
      paramLabel = "N",
      description = "Images in that sample; all, where there are not as many")
  String probeImages = "2000";

  @Mixin InputOptions input = new InputOptions();
  @Mixin ManifestOption manifest = new ManifestOption();
  @Mixin RejectOptions rejects = new RejectOptions();
  @Mixin EncoderOptions network = new EncoderOptions();
  @Mixin ViewOptions views = new ViewOptions();
  @Mixin OptimizationOptions optimization = new OptimizationOptions();
  @Mixin RunnerOption runner = new RunnerOption();
  @Mixin DetachOption detach = new DetachOption();
  @Mixin DeviceOption device = new DeviceOption();
  @Mixin AcceleratorOption accelerator = new AcceleratorOption();
  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public RunnerOption runner() {
    return runner;
  }

  @Override
  public boolean isDetached() {
    return detach.detach;
  }

  @Override
  public void run(TrainArgs args, Launcher launcher) throws IOException {
    set.ifPresent(LOG::info);
    TrainJob.run(args, launcher);
  }

  @Override
  public TrainArgs args(Checks checks) {
    if (recipe != null) {
      String name = checks.choice("--recipe", recipe, Recipe.codes());
      set = Recipe.of(name).map(known -> known.apply(spec));
    }
    boolean smallSteps = optimization.rule(checks) == OptimizationOptions.Rule.ADAMW;
    TrainArgs args =
        new TrainArgs(
            input.source(checks, manifest),
            checks.outputFolder("--model", model, ModelCard.NAME),
            network.network(checks, smallSteps),
            optimization.optimization(checks),
            views.size(checks),
            views.settings(checks),
            size -> Stream.concat(network.following(size), views.following(size)).toList(),
            views.exifOrientation(checks),
            checks.wholeNumber("--seed", seed, Long.MIN_VALUE, Long.MAX_VALUE),
            new TrainArgs.Work(
                device.device(checks),
                accelerator.accelerator,
                new CheckpointInterval(
                    checks.wholeNumber("--checkpointSteps", checkpointSteps, 1, Long.MAX_VALUE),
                    Duration.ofMinutes(
                        checks.wholeNumber("--checkpointMinutes", checkpointMinutes, 1, 100_000))),
                roundSteps.equals("auto")
                    ? null
                    : checks.wholeNumber("--roundSteps", roundSteps, 1, Long.MAX_VALUE),
                probes(checks)),
            rejects.maxRejects(checks));
    checkTogether(args, checks);
    return args;
  }

  private ProbePlan probes(Checks checks) {
    int epochs = (int) checks.wholeNumber("--probeEpochs", probeEpochs, 0, 1_000_000);
    // All of them are compared with each other.
    int images = (int) checks.wholeNumber(PROBE_IMAGES, probeImages, 10, 20_000);
    return epochs == 0 ? ProbePlan.NONE : new ProbePlan(epochs, images);
  }

  private void checkTogether(TrainArgs args, Checks checks) {
    boolean epochsGiven =
        spec.commandLine().getParseResult().hasMatchedOption(OptimizationOptions.EPOCHS);
    if (args.optimization().steps() != null && epochsGiven) {
      checks.problem("--epochs and --steps both say how long to train; give one of them");
    }
    if (probeEpochs.equals("0")
        && spec.commandLine().getParseResult().hasMatchedOption(PROBE_IMAGES)) {
      checks.problem(PROBE_IMAGES + " is of --probeEpochs=N, which is 0; give that, too");
    }
    if (args.work().probes().epochs() > 0 && !args.trains()) {
      checks.problem("--probeEpochs looks at training, but with --steps=0 there is none");
    }
    if (network.encoder.equals(Pixels.NAME) && args.trains()) {
      checks.problem("--encoder=pixels has nothing to train; add --steps=0");
    }
    if (args.imageSize() != null) {
      args.problems(args.imageSize()).forEach(checks::problem);
    }
  }
}
