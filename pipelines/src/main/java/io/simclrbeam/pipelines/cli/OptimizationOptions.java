package io.simclrbeam.pipelines.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How the weights are changed, and for how long. */
@Command(optionListHeading = "Optimization")
final class OptimizationOptions {
  static final String EPOCHS = "--epochs";

  @Option(
      names = "--batchSize",
      paramLabel = "N",
      description = "Images per step; each one's negatives are all the others")
  String batchSize = "256";

  @Option(names = EPOCHS, paramLabel = "N", description = "Passes over the images")
  String epochs = "100";

  @Option(
      names = "--steps",
      paramLabel = "N",
      description =
          "Length of the run in steps instead of epochs; 0 exports the encoder as initialized")
  @Nullable String steps;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "Temperature of the NT-Xent loss")
  String temperature = "0.5";

  @Option(names = "--optimizer", paramLabel = "NAME", description = "lars, adamw or sgd")
  String optimizer = "lars";

  @Option(
      names = "--nesterov",
      description = "Nesterov's momentum instead of the plain one, for sgd")
  boolean nesterov;

  @Option(
      names = "--learningRate",
      paramLabel = "RATE",
      description =
          "At the end of the warmup: a number, sqrt (0.075 x the root of the batch size), or auto:"
              + " 0.3 x batch size / 256 for lars, 0.03 x batch size / 256 for sgd, 0.001 for"
              + " adamw")
  String learningRate = "auto";

  @Option(
      names = "--weightDecay",
      paramLabel = "RATE",
      description = "A number, or auto: 1e-6 for lars, 5e-4 for sgd, 1e-4 for adamw")
  String weightDecay = "auto";

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
}
