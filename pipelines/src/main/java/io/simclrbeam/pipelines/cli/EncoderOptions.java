package io.simclrbeam.pipelines.cli;

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
              + " for images of 64 pixels and below")
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
}
