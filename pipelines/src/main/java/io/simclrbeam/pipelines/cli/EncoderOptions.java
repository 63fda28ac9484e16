package io.simclrbeam.pipelines.cli;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.encoder.Pixels;
import io.simclrbeam.model.encoder.ProjectionHead;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.encoder.VisionTransformer;
import io.simclrbeam.pipelines.train.TrainArgs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Which network is trained. */
@Command(optionListHeading = "Network")
final class EncoderOptions {
  static final String ENCODER = "--encoder";
  static final String ZERO_INIT_RESIDUAL = "--zeroInitResidual";

  /** A ViT's scale and the side of its patches. */
  private static final Pattern TRANSFORMER = Pattern.compile("vit_(ti|s|b|l)_([1-9]\\d{0,3})");

  @Option(
      names = ENCODER,
      paramLabel = "NAME",
      description =
          "resnet18, resnet34, resnet50, resnet101; vit_ti_16, vit_s_16, vit_b_16, vit_l_16, or with"
              + " patches of another side in pixels, such as vit_s_4 for small images; or pixels:"
              + " the colors themselves, a baseline with nothing to train")
  String encoder = "resnet18";

  @Option(
      names = "--init",
      paramLabel = "FILE",
      description =
          "Weights that the encoder begins with instead of new ones: a safetensors file with the names"
              + " of torchvision or timm, or the folder of a finished model")
  @Nullable String init;

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
      names = ZERO_INIT_RESIDUAL,
      paramLabel = "BOOLEAN",
      description =
          "Whether the residual blocks of a ResNet start as the identity: true, false, or auto: not"
              + " with adamw, whose small steps would keep them close to it in a short run")
  String zeroInitResidual = "auto";

  @Option(
      names = "--fixedPatches",
      description =
          "Leave the projection of a ViT's patches as it starts, which keeps training stable")
  boolean fixedPatches;

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

  @Option(
      names = "--projectionHidden",
      paramLabel = "N",
      description =
          "Width of the projection head's layers before the last, or auto: that of the encoder's output,"
              + " but at least 512")
  String projectionHidden = "auto";

  /**
   * Returns the network.
   *
   * @param smallSteps whether the optimizer moves weights by little in a step
   */
  TrainArgs.Network network(Checks checks, boolean smallSteps) {
    return new TrainArgs.Network(encoder(checks, smallSteps), head(checks), init(checks));
  }

  private ProjectionHead head(Checks checks) {
    @Nullable Long hidden =
        checks.wholeNumberOrAuto("--projectionHidden", projectionHidden, 1, 32_768);
    return new ProjectionHead(
        (int) checks.wholeNumber("--projectionDim", projectionDim, 1, 8192),
        (int) checks.wholeNumber("--projectionLayers", projectionLayers, 2, 3),
        hidden == null ? 0 : Math.toIntExact(hidden));
  }

  private @Nullable String init(Checks checks) {
    if (init != null && encoder.equals(Pixels.NAME)) {
      checks.problem("--init is for an encoder with weights, but --encoder is " + encoder);
    }
    return init == null ? null : checks.text("--init", init);
  }

  private IntFunction<Encoder> encoder(Checks checks, boolean smallSteps) {
    Matcher transformer = TRANSFORMER.matcher(encoder);
    boolean isTransformer = transformer.matches();
    String name = isTransformer ? encoder : checks.choice(ENCODER, encoder, names());
    double factor = checks.number("--width", width, 1.0 / 64, 8);
    @Nullable String first = checks.choiceOrAuto("--stem", stem, names(ResNet.Stem.values()));
    @Nullable Boolean zero = checks.booleanOrAuto(ZERO_INIT_RESIDUAL, zeroInitResidual);
    if (!isTransformer && fixedPatches) {
      checks.problem("--fixedPatches is for a ViT, but --encoder is " + name);
    }
    if (isTransformer || name.equals(Pixels.NAME)) {
      if (factor != 1 || first != null || zero != null) {
        checks.problem(
            "--width, --stem and --zeroInitResidual are for a ResNet, but --encoder is " + name);
      }
      Encoder other = isTransformer ? transformer(transformer) : new Pixels();
      return size -> other;
    }
    ResNet.Depth depth = ResNet.Depth.valueOf(name.toUpperCase(Locale.ROOT));
    boolean zeros = zero == null ? !smallSteps : zero;
    return size ->
        new ResNet(
            depth,
            first == null ? usualStem(size) : ResNet.Stem.valueOf(first.toUpperCase(Locale.ROOT)),
            factor,
            zeros);
  }

  private VisionTransformer transformer(Matcher name) {
    return new VisionTransformer(
        VisionTransformer.Scale.valueOf(name.group(1).toUpperCase(Locale.ROOT)),
        Integer.parseInt(name.group(2)),
        fixedPatches);
  }

  /** Returns the options that follow from the size of views, with their values. */
  Stream<String> following(int imageSize) {
    return stem.equals(Checks.AUTO) && isResNet(encoder)
        ? Stream.of("--stem=" + name(usualStem(imageSize)))
        : Stream.empty();
  }

  /** Returns whether a name of an encoder is that of a ResNet. */
  static boolean isResNet(String encoder) {
    return names(ResNet.Depth.values()).contains(encoder);
  }

  private static ResNet.Stem usualStem(int imageSize) {
    return AugmentSettings.isSmall(imageSize) ? ResNet.Stem.CIFAR : ResNet.Stem.IMAGENET;
  }

  /** Returns the names of the encoders. */
  static List<String> names() {
    List<String> names = new ArrayList<>(names(ResNet.Depth.values()));
    names(VisionTransformer.Scale.values())
        .forEach(scale -> names.add("vit_%s_16".formatted(scale)));
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
