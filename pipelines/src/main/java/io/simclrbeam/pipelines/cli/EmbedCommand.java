package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.embed.EmbedArgs;
import io.simclrbeam.pipelines.embed.EmbedJob;
import io.simclrbeam.pipelines.runner.Launcher;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code simclr embed}. */
@Command(
    name = "embed",
    description = "Turns images into vectors with a trained encoder: an embedding data set.",
    optionListHeading = "Embeddings")
final class EmbedCommand implements PipelineCommand<EmbedArgs> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "FOLDER",
      description = "Folder of a finished model, as train leaves it")
  @Nullable String model;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "PLACE",
      description =
          "Folder of the embedding data set, or bq://project.dataset.table; each run adds to it")
  @Nullable String output;

  @Option(
      names = "--labels",
      paramLabel = "SOURCE",
      description =
          "Where labels, which evaluate needs, come from: none, or folder: the label that a shard"
              + " gives an image, else the name of the folder that it is in")
  String labels = "none";

  @Option(
      names = "--batchSize",
      paramLabel = "N",
      description = "Images encoded together, or auto: as many as suit the device")
  String batchSize = "auto";

  @Mixin FormatOptions format = new FormatOptions();
  @Mixin InputOptions input = new InputOptions();
  @Mixin ManifestOption manifest = new ManifestOption();
  @Mixin RejectOptions rejects = new RejectOptions();
  @Mixin RunnerOption runner = new RunnerOption();
  @Mixin DeviceOption device = new DeviceOption();
  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public RunnerOption runner() {
    return runner;
  }

  @Override
  public void run(EmbedArgs args, Launcher launcher) throws IOException {
    EmbedJob.run(args, launcher);
  }

  @Override
  public EmbedArgs args(Checks checks) {
    @Nullable Long batch = checks.wholeNumberOrAuto("--batchSize", batchSize, 1, 65_536);
    return new EmbedArgs(
        input.source(checks, manifest),
        checks.text("--model", model),
        checks.parsed("--output", checks.text("--output", output), EmbedArgs::checkOutput, ""),
        format.format(checks),
        checks.choice("--labels", labels, List.of("none", "folder")).equals("folder"),
        batch == null ? null : Math.toIntExact(batch),
        device.device(checks),
        rejects.maxRejects(checks));
  }
}
