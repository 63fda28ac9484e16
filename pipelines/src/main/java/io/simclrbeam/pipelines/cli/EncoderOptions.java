package io.simclrbeam.pipelines.cli;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.encoder.Pixels;
import io.simclrbeam.model.encoder.ProjectionHead;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.pipelines.train.TrainArgs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Which network is trained. */
@Command(optionListHeading = "Network")
final class EncoderOptions {
  @Option(
      names = "--encoder",
      paramLabel = "NAME",
      description =
          "resnet18, resnet34, resnet50, resnet101, or pixels: the colors themselves, a baseline"
              + " with nothing to train")
  String encoder = "resnet18";

  @Option(
      names = "--width",
      paramLabel = "FACTOR",
      description = "Factor on the number of channels of a ResNet")
  String width = "1.0";

  @Option(
      names = "--stem",
      paramLabel = "NAME",
      description =
          "First layers of a ResNet: imagenet (7 x 7 and pooling), cifar (3 x 3), or auto: cifar"
              + " for images of "
              + AugmentSettings.SMALL_SIZE
              + " pixels and below")
  String stem = "auto";

  @Option(
      names = "--zeroInitResidual",
      paramLabel = "BOOLEAN",
      description =
          "Whether the residual blocks of a ResNet start as the identity: true, false, or auto: not"
              + " with adamw, whose small steps would keep them close to it in a short run")
  String zeroInitResidual = "auto";

  @Option(
      names = "--projectionDim",
      paramLabel = "N",
      description = "Size of the projection that the loss compares; only training has it")
  String projectionDim = "128";

  @Option(
      names = "--projectionLayers",
      paramLabel = "N",
      description = "Linear layers of the projection head: 2 or 3")
  String projectionLayers = "2";

  /**
   * Returns the network.
   *
   * @param smallSteps whether the optimizer moves weights by little in a step
   */
  TrainArgs.Network network(Checks checks, boolean smallSteps) {
    String name = checks.choice("--encoder", encoder, names());
    double factor = checks.number("--width", width, 1.0 / 64, 8);
    @Nullable String first = checks.choiceOrAuto("--stem", stem, names(ResNet.Stem.values()));
    @Nullable Boolean zero = checks.booleanOrAuto("--zeroInitResidual", zeroInitResidual);
    return new TrainArgs.Network(
        size ->
            name.equals(Pixels.NAME)
                ? new Pixels()
                : new ResNet(
                    ResNet.Depth.valueOf(name.toUpperCase(Locale.ROOT)),
                    first == null
                        ? usualStem(size)
                        : ResNet.Stem.valueOf(first.toUpperCase(Locale.ROOT)),
                    factor,
                    zero == null ? !smallSteps : zero),
        new ProjectionHead(
            (int) checks.wholeNumber("--projectionDim", projectionDim, 1, 8192),
            (int) checks.wholeNumber("--projectionLayers", projectionLayers, 2, 3)));
  }

  /** Returns the options that follow from the size of views, with their values. */
  Stream<String> following(int imageSize) {
    return stem.equals(Checks.AUTO) && !encoder.equals(Pixels.NAME)
        ? Stream.of("--stem=" + name(usualStem(imageSize)))
        : Stream.empty();
  }

  private static ResNet.Stem usualStem(int imageSize) {
    return AugmentSettings.isSmall(imageSize) ? ResNet.Stem.CIFAR : ResNet.Stem.IMAGENET;
  }

  /** Returns the names of the encoders. */
  static List<String> names() {
    List<String> names = new ArrayList<>(names(ResNet.Depth.values()));
    names.add(Pixels.NAME);
    return names;
  }

  private static List<String> names(Enum<?>[] constants) {
    return Arrays.stream(constants).map(EncoderOptions::name).toList();
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
