package io.simclrbeam.pipelines.cli;

import io.simclrbeam.transforms.rejects.RejectLimit;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Where images come from. */
@Command(optionListHeading = "Images")
final class InputOptions {
  @Option(
      names = "--input",
      required = true,
      paramLabel = "PATH",
      description =
          "Folder (searched to any depth), glob, image file or *.tar shard, local or on any file"
              + " system that Beam reaches; may be given several times")
  List<String> inputs = new ArrayList<>();

  @Option(
      names = "--maxRejects",
      paramLabel = "LIMIT",
      description =
          "Unusable images to put up with, as a percentage of all or as a number; more fail the"
              + " command")
  String maxRejects = "5%";

  RejectLimit maxRejects(Checks checks) {
    return checks.parsed("--maxRejects", maxRejects, RejectLimit::parse, new RejectLimit(0, false));
  }
}
