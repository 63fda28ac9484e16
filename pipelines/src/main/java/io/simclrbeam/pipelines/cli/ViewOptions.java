package io.simclrbeam.pipelines.cli;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.augment.BlurSettings;
import io.simclrbeam.model.augment.CropSettings;
import io.simclrbeam.model.augment.Interpolation;
import io.simclrbeam.model.augment.JitterSettings;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.pipelines.train.FittingSize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How random views of an image are made. */
@Command(optionListHeading = "Views")
final class ViewOptions {
  private static final int SMALLEST_SIZE = 8;
  private static final int LARGEST_SIZE = 1024;

  /** A factor on colors beyond which nothing but black and white is left. */
  private static final double LARGEST_CHANGE = 100;

  private static final double LARGEST_ASPECT = 100;
  private static final double LARGEST_SIGMA = 1000;

  @Option(
      names = "--imageSize",
      paramLabel = "PIXELS",
      description =
          "Side of the square views, and later of the images to embed, or auto: 32, 64, 96, 128 or"
              + " 224, about the shorter side of the images (their median); views draws at 224 then")
  String imageSize = "auto";

  @Option(
      names = "--exifOrientation",
      paramLabel = "NAME",
      description =
          "What to do about the orientation that a camera noted: ignore it, as torchvision does, or"
              + " apply it; the model's later images are treated alike")
  String exifOrientation = "ignore";

  @Option(
      names = "--cropArea",
      paramLabel = "MIN,MAX",
      description = "Share of the image's area that a view shows")
  String cropArea = "0.08,1";

  @Option(
      names = "--cropAspect",
      paramLabel = "MIN,MAX",
      description = "Width divided by height of the part that a view shows")
  String cropAspect = "0.75,1.3333333333333333";

  @Option(
      names = "--interpolation",
      paramLabel = "NAME",
      description = "How crops are resized: bilinear or bicubic, both antialiased")
  String interpolation = "bilinear";

  @Option(
      names = "--flipProbability",
      paramLabel = "P",
      description = "Share of the views in which left and right are mirrored")
  String flipProbability = "0.5";

  @Option(
      names = "--jitterProbability",
      paramLabel = "P",
      description = "Share of the views whose colors are changed")
  String jitterProbability = "0.8";

  @Option(
      names = "--jitterStrength",
      paramLabel = "S",
      description =
          "Strength of the color jitter, 0 to 2.5, or auto: 1, or 0.5 for images of "
              + AugmentSettings.SMALL_SIZE
              + " pixels and"
              + " below")
  String jitterStrength = "auto";

  @Option(
      names = "--brightness",
      paramLabel = "CHANGE",
      description =
          "Brightness is multiplied by 1 - CHANGE to 1 + CHANGE; auto: 0.8 x --jitterStrength")
  String brightness = "auto";

  @Option(
      names = "--contrast",
      paramLabel = "CHANGE",
      description = "The same for contrast; auto: 0.8 x --jitterStrength")
  String contrast = "auto";

  @Option(
      names = "--saturation",
      paramLabel = "CHANGE",
      description = "The same for saturation; auto: 0.8 x --jitterStrength")
  String saturation = "auto";

  @Option(
      names = "--hue",
      paramLabel = "TURNS",
      description =
          "Hue is shifted by up to this part of the color circle either way, 0 to 0.5; auto: 0.2 x"
              + " --jitterStrength")
  String hue = "auto";

  @Option(
      names = "--grayscaleProbability",
      paramLabel = "P",
      description = "Share of the views that lose their colors")
  String grayscaleProbability = "0.2";

  @Option(
      names = "--blur",
      paramLabel = "BOOLEAN",
      description =
          "Whether views are blurred: true, false, or auto: above "
              + AugmentSettings.SMALL_SIZE
              + " pixels")
  String blur = "auto";

  @Option(
      names = "--blurProbability",
      paramLabel = "P",
      description = "Share of the views that are blurred, where --blur is on")
  String blurProbability = "0.5";

  @Option(
      names = "--blurSigma",
      paramLabel = "MIN,MAX",
      description = "Standard deviation of the Gaussian blur in pixels of the view")
  String blurSigma = "0.1,2";

  @Option(
      names = "--blurKernel",
      paramLabel = "PIXELS",
      description =
          "Pixels under the Gaussian in each direction, an odd number, or auto: a tenth of the"
              + " view's side")
  String blurKernel = "auto";

  /** Returns whether images are turned upright. */
  ExifOrientation exifOrientation(Checks checks) {
    String choice =
        checks.choice(
            "--exifOrientation",
            exifOrientation,
            Arrays.stream(ExifOrientation.values()).map(ViewOptions::name).toList());
    return ExifOrientation.valueOf(choice.toUpperCase(Locale.ROOT));
  }

  /** Returns the side of a view in pixels; null for what fits the images. */
  @Nullable Integer size(Checks checks) {
    @Nullable Long size =
        checks.wholeNumberOrAuto("--imageSize", imageSize, SMALLEST_SIZE, LARGEST_SIZE);
    return size == null ? null : Math.toIntExact(size);
  }

  /** Returns how views of a size are made. */
  IntFunction<AugmentSettings> settings(Checks checks) {
    @Nullable Integer size = size(checks);
    Checks.Range area = checks.range("--cropArea", cropArea, 1);
    Checks.Range aspect = checks.range("--cropAspect", cropAspect, LARGEST_ASPECT);
    String filter =
        checks.choice(
            "--interpolation",
            interpolation,
            Arrays.stream(Interpolation.values()).map(ViewOptions::name).toList());
    double flip = checks.number("--flipProbability", flipProbability, 0, 1);
    UnaryOperator<JitterSettings> jitter = jitter(checks);
    double grayscale = checks.number("--grayscaleProbability", grayscaleProbability, 0, 1);
    UnaryOperator<BlurSettings> blur = blur(size == null ? FittingSize.LARGEST : size, checks);
    return side -> {
      AugmentSettings simclr = AugmentSettings.simclr(side);
      return new AugmentSettings(
          side,
          new CropSettings(area.min(), area.max(), aspect.min(), aspect.max()),
          Interpolation.valueOf(filter.toUpperCase(Locale.ROOT)),
          flip,
          jitter.apply(simclr.jitter()),
          grayscale,
          blur.apply(simclr.blur()));
    };
  }

  /** Returns the options that follow from the size of views, with their values. */
  Stream<String> following(int size) {
    List<String> options = new ArrayList<>();
    if (jitterStrength.equals(Checks.AUTO)) {
      options.add("--jitterStrength=" + AugmentSettings.jitterStrength(size));
    }
    if (blur.equals(Checks.AUTO)) {
      options.add("--blur=" + !AugmentSettings.isSmall(size));
    }
    return options.stream();
  }

  /** Returns what is made of SimCLR's settings. */
  private UnaryOperator<JitterSettings> jitter(Checks checks) {
    double probability = checks.number("--jitterProbability", jitterProbability, 0, 1);
    @Nullable Double strength =
        checks.numberOrAuto("--jitterStrength", jitterStrength, 0, JitterSettings.LARGEST_STRENGTH);
    @Nullable Double light = checks.numberOrAuto("--brightness", brightness, 0, LARGEST_CHANGE);
    @Nullable Double range = checks.numberOrAuto("--contrast", contrast, 0, LARGEST_CHANGE);
    @Nullable Double color = checks.numberOrAuto("--saturation", saturation, 0, LARGEST_CHANGE);
    @Nullable Double turns = checks.numberOrAuto("--hue", hue, 0, 0.5);
    return simclr -> {
      JitterSettings whole =
          strength == null ? simclr : JitterSettings.ofStrength(probability, strength);
      return new JitterSettings(
          probability,
          light == null ? whole.brightness() : light,
          range == null ? whole.contrast() : range,
          color == null ? whole.saturation() : color,
          turns == null ? whole.hue() : turns);
    };
  }

  /**
   * Returns what is made of SimCLR's settings.
   *
   * @param size the largest that views may have
   */
  private UnaryOperator<BlurSettings> blur(int size, Checks checks) {
    @Nullable Boolean on = checks.booleanOrAuto("--blur", blur);
    double probability = checks.number("--blurProbability", blurProbability, 0, 1);
    Checks.Range sigma = checks.range("--blurSigma", blurSigma, LARGEST_SIGMA);
    @Nullable Integer kernel = kernel(AugmentSettings.largestBlurKernel(size), checks);
    return simclr -> {
      boolean off = on == null ? simclr.probability() == 0 : !on;
      return new BlurSettings(
          off ? 0 : probability,
          sigma.min(),
          sigma.max(),
          kernel == null ? simclr.kernelSize() : kernel);
    };
  }

  private @Nullable Integer kernel(int largest, Checks checks) {
    @Nullable Long kernel = checks.wholeNumberOrAuto("--blurKernel", blurKernel, 1, largest);
    if (kernel != null && kernel % 2 == 0) {
      checks.wrong("--blurKernel", blurKernel, "auto, or an odd number");
      return null;
    }
    return kernel == null ? null : Math.toIntExact(kernel);
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
