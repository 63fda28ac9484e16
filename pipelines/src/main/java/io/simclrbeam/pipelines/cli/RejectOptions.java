package io.simclrbeam.pipelines.cli;

import io.simclrbeam.transforms.images.ImageLimit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How many unusable images a command tolerates. */
@Command(optionListHeading = "Images")
final class RejectOptions {
  @Option(
      names = "--maxRejects",
      paramLabel = "LIMIT",
      description =
          "Unusable images that are tolerated, as a percentage of all or as a number; more fail the command")
  String maxRejects = "5%";

  ImageLimit maxRejects(Checks checks) {
    return checks.parsed("--maxRejects", maxRejects, ImageLimit::parse, new ImageLimit(0, false));
  }
}
