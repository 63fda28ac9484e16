package io.simclrbeam.pipelines.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Where tensors are computed. */
@Command(optionListHeading = "Execution")
final class DeviceOption {
  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "Where tensors are computed: auto (the first GPU, if any), cpu or cuda:N")
  String device = "auto";

  String device(Checks checks) {
    if (!device.matches("auto|cpu|cuda:\\d{1,4}")) {
      checks.wrong("--device", device, "auto, cpu or cuda:N with the number of a GPU");
    }
    return device;
  }
}
