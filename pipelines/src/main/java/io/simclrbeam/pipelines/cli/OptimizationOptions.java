package io.simclrbeam.pipelines.cli;

import io.simclrbeam.model.loss.Dcl;
import io.simclrbeam.model.loss.Loss;
import io.simclrbeam.model.loss.NtXent;
import io.simclrbeam.model.loss.SupCon;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.optimizer.AdamW;
import io.simclrbeam.model.optimizer.Lars;
import io.simclrbeam.model.optimizer.Optimizer;
import io.simclrbeam.model.optimizer.Sgd;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.train.TrainArgs;
import io.simclrbeam.pipelines.train.TrainArgs.LearningRate;
import io.simclrbeam.pipelines.train.TrainArgs.LearningRate.Scaling;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How the weights are changed, and for how long. */
@Command(optionListHeading = "Optimization")
final class OptimizationOptions {
  static final String EPOCHS = "--epochs";
  static final String STEPS = "--steps";
  private static final String TRUST_COEFFICIENT = "--trustCoefficient";
  private static final String CLIP_TRUST = "--clipTrust";
  private static final String LEARNING_RATE = "--learningRate";

  @Option(
      names = "--batchSize",
      paramLabel = "N",
      description =
          "Images per step; each one's negatives are all the others. auto: 256, or with fewer images"
              + " the largest power of two of them")
  String batchSize = "auto";

  @Option(
      names = "--views",
      paramLabel = "K",
      description =
          "Views of each image in a batch. Each is an anchor, and the others of its image are its"
              + " positives")
  String views = "2";

  @Option(
      names = "--microBatchSize",
      paramLabel = "N",
      description =
          "Most images that the network sees at once, for batches that its memory does not hold. The"
              + " loss and its gradient are those of the whole batch, but BatchNorm sees a part at a"
              + " time. 0: the whole batch")
  String microBatchSize = "0";

  @Option(names = EPOCHS, paramLabel = "N", description = "Passes over the images")
  String epochs = "100";

  @Option(
      names = STEPS,
      paramLabel = "N",
      description =
          "Length of the run in steps instead of epochs; 0 exports the encoder as it begins")
  @Nullable String steps;

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      description =
          "ntxent, SimCLR's; dcl, which leaves the positive out of its denominator and needs smaller"
              + " batches; dclw, which also weighs down pairs that are alike already; or supcon, which"
              + " takes all images of a class to be alike, and so needs images with labels")
  String loss = "ntxent";

  @Option(names = "--temperature", paramLabel = "T", description = "Temperature of the loss")
  String temperature = "0.5";

  @Option(names = "--optimizer", paramLabel = "NAME", description = "lars, adamw or sgd")
  String optimizer = "lars";

  @Option(
      names = "--nesterov",
      description = "Nesterov's momentum instead of the plain one, for sgd")
  boolean nesterov;

  @Option(
      names = TRUST_COEFFICIENT,
      paramLabel = "C",
      description =
          "Of lars: a layer learns with this times the norm of its weights by that of its gradient, times"
              + " the learning rate")
  String trustCoefficient = "0.001";

  @Option(
      names = CLIP_TRUST,
      description =
          "Take what lars makes of the trust coefficient for the rate of a layer itself, and the"
              + " learning rate for the most that it may be (LARC)")
  boolean clipTrust;

  @Option(
      names = LEARNING_RATE,
      paramLabel = "RATE",
      description =
          "At the end of the warmup: a number, RATE/N (RATE for batches of N images, and in proportion for"
              + " others), sqrt (0.075 x the root of the batch size), or auto:"
              + " 0.3 x batch size / 256 for lars, 0.03 x batch size / 256 for sgd, 0.001 for"
              + " adamw")
  String learningRate = "auto";

  @Option(
      names = "--weightDecay",
      paramLabel = "RATE",
      description = "A number, or auto: 1e-6 for lars, 5e-4 for sgd, 1e-4 for adamw")
  String weightDecay = "auto";

  @Option(
      names = "--clipNorm",
      paramLabel = "NORM",
      description =
          "Largest norm of the gradient of all weights together; a larger one is scaled down to it. 0"
              + " sets no limit")
  String clipNorm = "0";

  @Option(
      names = "--warmupEpochs",
      paramLabel = "N",
      description = "Epochs in which the learning rate rises, a tenth of the run at most")
  String warmupEpochs = "10";

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      description =
          "Arithmetic of the network: fp32, bf16, or auto: bf16 where the processor is faster with"
              + " it")
  String precision = "auto";

  /** The optimizers with what is common for each: SimCLR's for LARS (appendix B.1). */
  enum Rule {
    LARS(0.3, 1e-6),
    ADAMW(0, 1e-4),
    SGD(0.03, 5e-4);

    /** Learning rate for a batch of 256 images; 0 for 0.001 whatever the batch is. */
    private final double ratePer256;

    private final double weightDecay;

    Rule(double ratePer256, double weightDecay) {
      this.ratePer256 = ratePer256;
      this.weightDecay = weightDecay;
    }

    LearningRate rate() {
      return ratePer256 == 0
          ? new LearningRate(1e-3, Scaling.NONE)
          : new LearningRate(ratePer256, Scaling.LINEAR);
    }

    String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Returns the optimizer's rule. */
  Rule rule(Checks checks) {
    return checks.choice("--optimizer", optimizer, Rule.values(), Rule::code);
  }

  /** Returns how the network is trained. */
  TrainArgs.Optimization optimization(Checks checks) {
    Rule rule = rule(checks);
    @Nullable Long batch = checks.wholeNumberOrAuto("--batchSize", batchSize, 2, 65_536);
    if (nesterov && rule != Rule.SGD) {
      checks.problem(
          "--nesterov is a kind of momentum of --optimizer=sgd, but --optimizer is " + rule.code());
    }
    @Nullable Double decay = checks.numberOrAuto("--weightDecay", weightDecay, 0, Checks.NO_LIMIT);
    @Nullable Long allSteps =
        steps == null ? null : checks.wholeNumber(STEPS, steps, 0, Long.MAX_VALUE);
    List<String> precisions =
        Stream.of(Precision.values()).filter(Precision::isTrainable).map(Precision::code).toList();
    @Nullable String arithmetic = checks.choiceOrAuto("--precision", precision, precisions);
    return new TrainArgs.Optimization(
        loss(checks),
        optimizer(checks, rule, decay == null ? rule.weightDecay : decay),
        rate(checks, rule),
        checks.number("--clipNorm", clipNorm, 0, Checks.NO_LIMIT),
        (int) checks.wholeNumber("--warmupEpochs", warmupEpochs, 0, 1_000_000),
        (int) checks.wholeNumber(EPOCHS, epochs, 1, 1_000_000),
        allSteps,
        batch == null ? null : Math.toIntExact(batch),
        (int) checks.wholeNumber("--views", views, 2, TrainingSettings.MOST_VIEWS),
        microBatchSize(checks),
        arithmetic == null ? null : Precision.of(arithmetic));
  }

  private Optimizer optimizer(Checks checks, Rule rule, double decay) {
    double trust =
        checks.number(TRUST_COEFFICIENT, trustCoefficient, Checks.ABOVE_ZERO, Checks.NO_LIMIT);
    if (rule != Rule.LARS && (clipTrust || !trustCoefficient.equals("0.001"))) {
      checks.problem(
          "%s and %s are of --optimizer=lars, but --optimizer is %s"
              .formatted(TRUST_COEFFICIENT, CLIP_TRUST, rule.code()));
    }
    return switch (rule) {
      case LARS -> {
        Lars usual = Lars.of(decay);
        yield new Lars(usual.momentum(), decay, trust, clipTrust);
      }
      case ADAMW -> AdamW.of(decay);
      case SGD -> Sgd.of(decay, nesterov);
    };
  }

  private int microBatchSize(Checks checks) {
    int images = (int) checks.wholeNumber("--microBatchSize", microBatchSize, 0, 65_536);
    if (images == 1) {
      checks.problem(
          "--microBatchSize must be 0 or at least 2, but is 1: BatchNorm needs more than one image");
    }
    return images;
  }

  private Loss loss(Checks checks) {
    String name = checks.choice("--loss", loss, List.of("ntxent", "dcl", "dclw", "supcon"));
    double t = checks.number("--temperature", temperature, Checks.ABOVE_ZERO, Checks.NO_LIMIT);
    return switch (name) {
      case "dcl" -> new Dcl(t, false);
      case "dclw" -> new Dcl(t, true);
      case "supcon" -> new SupCon(t);
      default -> new NtXent(t);
    };
  }

  private LearningRate rate(Checks checks, Rule rule) {
    return switch (learningRate) {
      case "auto" -> rule.rate();
      case "sqrt" -> new LearningRate(0.075, Scaling.SQUARE_ROOT);
      default -> {
        // Of a batch of so many images, and in proportion for others.
        String[] parts = learningRate.split("/", 2);
        double value =
            checks.number(
                LEARNING_RATE,
                parts[0],
                Checks.ABOVE_ZERO,
                Checks.NO_LIMIT,
                "auto, sqrt, RATE/N or ");
        yield parts.length == 1
            ? new LearningRate(value, Scaling.NONE)
            : new LearningRate(
                value * 256 / checks.wholeNumber(LEARNING_RATE + "'s N", parts[1], 1, 65_536),
                Scaling.LINEAR);
      }
    };
  }
}
