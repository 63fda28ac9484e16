package io.simclrbeam.pipelines.cli;

import io.simclrbeam.model.encoder.Pixels;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.runner.Launcher;
import io.simclrbeam.pipelines.train.TrainArgs;
import io.simclrbeam.pipelines.train.TrainJob;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
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
  /** The views of a batch lie in one buffer. */
  private static final long MOST_BYTES_OF_VIEWS = Integer.MAX_VALUE;

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--model",
      required = true,
      paramLabel = "FOLDER",
      description = "Folder for checkpoints, metrics and the finished model")
  @Nullable String model;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Of weights, order and views; equal seeds, images and options give equal weights")
  String seed = "0";

  @Option(
      names = "--checkpointSteps",
      paramLabel = "N",
      description = "Steps from one checkpoint to the next")
  String checkpointSteps = "500";

  @Option(
      names = "--roundSteps",
      paramLabel = "N",
      description =
          "Steps of a job, after which another one goes on; the weights do not depend on it. auto:"
              + " as many as the runner can hold views of, on Flink all")
  String roundSteps = "auto";

  @Mixin InputOptions input = new InputOptions();
  @Mixin ManifestOption manifest = new ManifestOption();
  @Mixin RejectOptions rejects = new RejectOptions();
  @Mixin EncoderOptions network = new EncoderOptions();
  @Mixin ViewOptions views = new ViewOptions();
  @Mixin OptimizationOptions optimization = new OptimizationOptions();
  @Mixin RunnerOption runner = new RunnerOption();
  @Mixin DeviceOption device = new DeviceOption();
  @Mixin AcceleratorOption accelerator = new AcceleratorOption();
  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public RunnerOption runner() {
    return runner;
  }

  @Override
  public void run(TrainArgs args, Launcher launcher) throws IOException {
    TrainJob.run(args, launcher);
  }

  @Override
  public TrainArgs args(Checks checks) {
    TrainArgs args =
        new TrainArgs(
            input.source(checks, manifest),
            checks.text("--model", model),
            checks.choice("--encoder", network.encoder, TrainingSettings.encoders()),
            checks.number("--width", network.width, 1.0 / 64, 8),
            checks.choiceOrAuto("--stem", network.stem, names(ResNet.Stem.values())),
            checks.booleanOrAuto("--zeroInitResidual", network.zeroInitResidual),
            views.exifOrientation(checks),
            views.settings(checks),
            (int) checks.wholeNumber("--batchSize", optimization.batchSize, 2, 65_536),
            (int) checks.wholeNumber("--epochs", optimization.epochs, 1, 1_000_000),
            optimization.steps == null
                ? null
                : checks.wholeNumber("--steps", optimization.steps, 0, Long.MAX_VALUE),
            checks.number(
                "--temperature", optimization.temperature, Checks.ABOVE_ZERO, Checks.NO_LIMIT),
            (int) checks.wholeNumber("--projectionDim", network.projectionDim, 1, 8192),
            (int) checks.wholeNumber("--projectionLayers", network.projectionLayers, 2, 3),
            checks.choice("--optimizer", optimization.optimizer, TrainingSettings.optimizers()),
            optimization.nesterov,
            learningRate(checks),
            checks.numberOrAuto("--weightDecay", optimization.weightDecay, 0, Checks.NO_LIMIT),
            (int) checks.wholeNumber("--warmupEpochs", optimization.warmupEpochs, 0, 1_000_000),
            checks.choiceOrAuto(
                "--precision", optimization.precision, TrainingSettings.precisions()),
            device.device(checks),
            accelerator.accelerator,
            checks.wholeNumber("--seed", seed, Long.MIN_VALUE, Long.MAX_VALUE),
            checks.wholeNumber("--checkpointSteps", checkpointSteps, 1, Long.MAX_VALUE),
            roundSteps.equals("auto")
                ? null
                : checks.wholeNumber("--roundSteps", roundSteps, 1, Long.MAX_VALUE),
            rejects.maxRejects(checks));
    checkTogether(args, checks);
    return args;
  }

  private String learningRate(Checks checks) {
    String rate = optimization.learningRate;
    if (!rate.equals("auto") && !rate.equals("sqrt")) {
      checks.number("--learningRate", rate, Checks.ABOVE_ZERO, Checks.NO_LIMIT, "auto, sqrt or ");
    }
    return rate;
  }

  private void checkTogether(TrainArgs args, Checks checks) {
    boolean epochsGiven =
        spec.commandLine().getParseResult().hasMatchedOption(OptimizationOptions.EPOCHS);
    if (args.steps() != null && epochsGiven) {
      checks.problem("--epochs and --steps both say how long to train; give one of them");
    }
    if (args.nesterov() && !args.optimizer().equals("sgd")) {
      checks.problem(
          "--nesterov is a kind of momentum of --optimizer=sgd, but --optimizer is "
              + args.optimizer());
    }
    if (args.encoder().equals(Pixels.NAME) && !Objects.equals(args.steps(), 0L)) {
      checks.problem("--encoder=pixels has nothing to train; add --steps=0");
    }
    long viewBytes = 2L * 3 * args.views().size() * args.views().size() * args.batchSize();
    if (viewBytes > MOST_BYTES_OF_VIEWS) {
      checks.problem(
          ("--batchSize=%d with --imageSize=%d makes %.1f GB of views per step, but 2.1 GB is the"
                  + " most; lower one of them")
              .formatted(args.batchSize(), args.views().size(), viewBytes / 1e9));
    }
  }

  private static List<String> names(Enum<?>[] constants) {
    return Arrays.stream(constants)
        .map(constant -> constant.name().toLowerCase(Locale.ROOT))
        .toList();
  }
}
