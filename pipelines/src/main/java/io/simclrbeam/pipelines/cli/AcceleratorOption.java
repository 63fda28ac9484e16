package io.simclrbeam.pipelines.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What machines the network is computed on. */
@Command(optionListHeading = "Execution")
final class AcceleratorOption {
  @Option(
      names = "--accelerator",
      paramLabel = "REQUEST",
      description =
          "What the step with the network, and no other, asks a runner for that hands out"
              + " accelerators (dataflow), such as type:nvidia-l4;count:1;install-nvidia-driver")
  String accelerator = "";
}
