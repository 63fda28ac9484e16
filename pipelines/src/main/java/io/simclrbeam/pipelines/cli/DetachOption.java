package io.simclrbeam.pipelines.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whether a command waits for its job. */
@Command(optionListHeading = "Execution")
final class DetachOption {
  static final String DETACH = "--detach";

  @Option(
      names = DETACH,
      description =
          "Hand the job over to the cluster or the service, and end. Without it, the end of this"
              + " process, as by Ctrl-C, cancels the job")
  boolean detach;
}
