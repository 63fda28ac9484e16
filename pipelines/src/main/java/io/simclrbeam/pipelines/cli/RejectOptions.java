package io.simclrbeam.pipelines.cli;

import io.simclrbeam.transforms.rejects.RejectLimit;
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

  RejectLimit maxRejects(Checks checks) {
    return checks.parsed("--maxRejects", maxRejects, RejectLimit::parse, new RejectLimit(0, false));
  }
}
