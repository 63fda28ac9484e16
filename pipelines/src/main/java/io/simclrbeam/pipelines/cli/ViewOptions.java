package io.simclrbeam.pipelines.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How random views of an image are made. */
@Command(optionListHeading = "Views")
final class ViewOptions {
  static final List<String> INTERPOLATIONS = List.of("bilinear", "bicubic");

  @Option(
      names = "--imageSize",
      paramLabel = "PIXELS",
      description = "Side of the square views, and later of the images to embed")
  String imageSize = "224";

  @Option(
      names = "--jitterStrength",
      paramLabel = "S",
      description =
          "Strength of the colour jitter, 0 to 2.5, or auto: 1, or 0.5 for images of 64 pixels and"
              + " below")
  String jitterStrength = "auto";

  @Option(
      names = "--blur",
      paramLabel = "BOOLEAN",
      description = "Whether half the views are blurred: true, false, or auto: above 64 pixels")
  String blur = "auto";

  @Option(
      names = "--interpolation",
      paramLabel = "NAME",
      description = "How crops are resized: bilinear or bicubic, both antialiased")
  String interpolation = "bilinear";
}
