package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.sample.SampleArgs;
import io.simclrbeam.pipelines.sample.SampleJob;
import io.simclrbeam.transforms.storage.LocalPaths;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code simclr sample}. */
@Command(
    name = "sample",
    description =
        "Generates images of ten kinds of texture, in a folder per kind, to try the other commands on.",
    optionListHeading = "Images")
final class SampleCommand implements FileCommand {
  @Option(
      names = "--output",
      required = true,
      paramLabel = "FOLDER",
      description = "Folder for the class folders")
  @Nullable String output;

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "Images in all; each class gets its share")
  String images = "2000";

  @Option(names = "--size", paramLabel = "PIXELS", description = "Width and height of an image")
  String size = "32";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Another seed gives other images of the same classes, such as a test set")
  String seed = "0";

  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public boolean isLocal() {
    return LocalPaths.isLocal(String.valueOf(output));
  }

  @Override
  public Work prepare(Checks checks) {
    SampleArgs args = args(checks);
    return out -> SampleJob.run(args, out);
  }

  SampleArgs args(Checks checks) {
    return new SampleArgs(
        checks.outputFolder("--output", output),
        (int) checks.wholeNumber("--images", images, 1, 1_000_000),
        (int) checks.wholeNumber("--size", size, 8, 1024),
        checks.wholeNumber("--seed", seed, Long.MIN_VALUE, Long.MAX_VALUE));
  }
}
