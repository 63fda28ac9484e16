package io.simclrbeam.pipelines.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Options of training runs that others have published, by name. All of them let the learning rate
 * follow the batch size in proportion.
 */
enum Recipe {
  /** The paper's appendix B.9; learning rate and temperature are of the ranges tried there. */
  SIMCLR_CIFAR10(
      "arXiv 2002.05709, appendix B.9: 94.0 % by linear evaluation",
      "--encoder=resnet50 --imageSize=32 --batchSize=1024 --epochs=1000"
          + " --optimizer=lars --learningRate=4.0/1024 --weightDecay=1e-6 --warmupEpochs=10"
          + " --temperature=0.5 --jitterStrength=0.5 --blur=false"),

  GOOGLE_CIFAR10(
      "github.com/google-research/simclr, README: about 91 % by linear evaluation",
      "--encoder=resnet18 --imageSize=32 --batchSize=512 --epochs=1000"
          + " --optimizer=lars --learningRate=2.0/512 --weightDecay=1e-6 --warmupEpochs=10"
          + " --temperature=0.5 --jitterStrength=0.5 --blur=false"),

  LIGHTLY_CIFAR10(
      "github.com/lightly-ai/lightly, cifar10_benchmark.py: 82.2 % by kNN (200 neighbors, 0.1)",
      "--encoder=resnet18 --imageSize=32 --zeroInitResidual=false --batchSize=128"
          + " --epochs=200 --optimizer=sgd --learningRate=0.06/128 --weightDecay=5e-4 --warmupEpochs=0"
          + " --temperature=0.5 --jitterStrength=0.5 --blur=false"),

  SOLO_CIFAR10(
      "github.com/vturrisi/solo-learn, scripts/pretrain/cifar/simclr.yaml: 90.74 % by an online linear"
          + " classifier",
      "--encoder=resnet18 --imageSize=32 --zeroInitResidual=false --projectionDim=256"
          + " --projectionHidden=2048 --batchSize=256 --epochs=1000 --optimizer=lars"
          + " --trustCoefficient=0.02 --clipTrust=true --learningRate=0.4/256 --weightDecay=1e-4"
          + " --warmupEpochs=10 --temperature=0.2 --jitterStrength=1 --blur=true"),

  SIMCLR_IMAGENET(
      "github.com/google-research/simclr, README: about 64.5 % by linear evaluation",
      "--encoder=resnet50 --imageSize=224 --batchSize=4096 --epochs=100"
          + " --optimizer=lars --learningRate=4.8/4096 --weightDecay=1e-6 --warmupEpochs=10"
          + " --temperature=0.1 --jitterStrength=1 --blur=true");

  private final String source;
  private final String options;

  Recipe(String source, String options) {
    this.source = source;
    this.options = options;
  }

  String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static List<String> codes() {
    return Arrays.stream(values()).map(Recipe::code).toList();
  }

  /** Returns the recipe of a {@link #code}; empty if there is none. */
  static Optional<Recipe> of(String code) {
    return Arrays.stream(values()).filter(recipe -> recipe.code().equals(code)).findFirst();
  }

  /** Sets the options that were not given; returns what it set, and where that is from. */
  String apply(CommandSpec command) {
    List<String> set = new ArrayList<>();
    for (String option : options.split(" ", -1)) {
      String[] parts = option.split("=", 2);
      if (!isGiven(command, parts[0]) && !isForAnother(command, parts[0])) {
        set(command.findOption(parts[0]), parts[1]);
        set.add(option);
      }
    }
    return "Recipe %s (%s) sets %s.".formatted(code(), source, String.join(" ", set));
  }

  /** The length is one thing that is given in two ways. */
  private static boolean isGiven(CommandSpec command, String name) {
    List<String> same =
        name.equals(OptimizationOptions.EPOCHS)
            ? List.of(name, OptimizationOptions.STEPS)
            : List.of(name);
    return same.stream().anyMatch(command.commandLine().getParseResult()::hasMatchedOption);
  }

  private static void set(OptionSpec option, String value) {
    option.setValue(option.type() == boolean.class ? (Object) Boolean.valueOf(value) : value);
  }

  /** An option of ResNets has no place beside another encoder that is given. */
  private static boolean isForAnother(CommandSpec command, String name) {
    String encoder = command.findOption(EncoderOptions.ENCODER).getValue();
    return name.equals(EncoderOptions.ZERO_INIT_RESIDUAL) && !EncoderOptions.isResNet(encoder);
  }
}
