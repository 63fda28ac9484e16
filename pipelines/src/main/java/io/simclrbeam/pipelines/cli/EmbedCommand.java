package io.simclrbeam.pipelines.cli;

import io.simclrbeam.model.network.Precision;
import io.simclrbeam.pipelines.dataset.OpenLineageEvent;
import io.simclrbeam.pipelines.embed.EmbedArgs;
import io.simclrbeam.pipelines.embed.EmbedJob;
import io.simclrbeam.pipelines.runner.Launcher;
import io.simclrbeam.transforms.dataset.RunLease;
import io.simclrbeam.transforms.storage.LocalPaths;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
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
  private static final List<String> BOOLEANS = List.of("true", "false");

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
      description =
          "Images encoded together, or auto: as many as suit the device; fewer where memory is small")
  String batchSize = "auto";

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      description =
          "Arithmetic of the encoder: fp32, bf16, int8 (twice as fast as bf16 and less exact, on CPUs"
              + " with AVX-512 VNNI), or auto: that of the model's last run in the data set, else bf16"
              + " where the processor is faster with it")
  String precision = "auto";

  @Option(
      names = "--incremental",
      paramLabel = "BOOLEAN",
      description =
          "Whether to pass over images that the data set has from the same model and with the same"
              + " bytes: true or false")
  String incremental = "true";

  @Option(
      names = "--verify",
      paramLabel = "HOW",
      description =
          "How to tell that a file is as an earlier run read it: store, by the size, time and checksum"
              + " that its store says, without reading it; or content, by reading it")
  String verify = "store";

  @Option(
      names = "--retryRejects",
      description =
          "Read files again that are as they were, if an earlier run rejected something in them")
  boolean retryRejects;

  @Option(
      names = "--recordDeletions",
      description =
          "Mark images that the data set has, but the input has no more, as deleted; the input must"
              + " then be all that the data set is made of")
  boolean recordDeletions;

  @Option(
      names = "--canaries",
      paramLabel = "N",
      description =
          "Images, chosen in the first run, that every run embeds anew to compare; 0 is none")
  String canaries = "64";

  @Option(
      names = "--compactAfter",
      paramLabel = "N",
      description =
          "Merge the model's runs into a base, as compact does, once there are so many since the last"
              + " one; 0 is never")
  String compactAfter = "0";

  @Option(
      names = "--openLineage",
      paramLabel = "PLACE",
      description =
          "Tell a catalog of the run once it is published, as an OpenLineage event: the address of a"
              + " server, such as http://marquez:5000, or a folder, in which it becomes a file")
  @Nullable String openLineage;

  @Option(
      names = "--abandonedAfterHours",
      paramLabel = "HOURS",
      description =
          "How long an unfinished run of the data set may give no sign of life before this one"
              + " clears it away")
  String abandonedAfterHours = Long.toString(RunLease.PATIENCE.toHours());

  @Mixin FormatOptions format = new FormatOptions();
  @Mixin InputOptions input = new InputOptions();
  @Mixin ManifestOption manifest = new ManifestOption();
  @Mixin RejectOptions rejects = new RejectOptions();
  @Mixin GateOptions gates = new GateOptions();
  @Mixin RunnerOption runner = new RunnerOption();
  @Mixin DetachOption detach = new DetachOption();
  @Mixin DeviceOption device = new DeviceOption();
  @Mixin AcceleratorOption accelerator = new AcceleratorOption();
  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public RunnerOption runner() {
    return runner;
  }

  @Override
  public boolean isDetached() {
    return detach.detach;
  }

  @Override
  public boolean isOneJob() {
    return compactAfter.equals("0");
  }

  @Override
  public void run(EmbedArgs args, Launcher launcher) throws IOException {
    EmbedJob.run(args, launcher);
  }

  private @Nullable Precision precision(Checks checks) {
    @Nullable String name =
        checks.choiceOrAuto(
            "--precision", precision, Stream.of(Precision.values()).map(Precision::code).toList());
    if (Precision.INT8.code().equals(name)
        && (device.device.startsWith("cuda") || !accelerator.accelerator.isEmpty())) {
      checks.problem("--precision=int8 is for CPUs; choose bf16 on a GPU");
    }
    return name == null ? null : Precision.of(name);
  }

  private @Nullable String openLineage(Checks checks) {
    if (openLineage == null) {
      return null;
    }
    return OpenLineageEvent.isServer(openLineage)
        ? checks.parsed("--openLineage", openLineage, OpenLineageEvent::checkServer, openLineage)
        : LocalPaths.absolute(checks.outputFolder("--openLineage", openLineage));
  }

  @Override
  public EmbedArgs args(Checks checks) {
    @Nullable Long batch = checks.wholeNumberOrAuto("--batchSize", batchSize, 1, 65_536);
    boolean skipping = checks.choice("--incremental", incremental, BOOLEANS).equals("true");
    if (recordDeletions && !skipping) {
      checks.problem(
          "--recordDeletions compares with earlier runs, which --incremental=false does not");
    }
    long merging = checks.wholeNumber("--compactAfter", compactAfter, 0, 100_000);
    if (merging > 0 && detach.detach) {
      checks.problem("--compactAfter needs a second job, for which --detach does not wait");
    }
    return new EmbedArgs(
        input.source(checks, manifest),
        checks.text("--model", model),
        checks.parsed(
            "--output", checks.outputFolder("--output", output), EmbedArgs::checkOutput, ""),
        format.format(checks),
        checks.choice("--labels", labels, List.of("none", "folder")).equals("folder"),
        batch == null ? null : Math.toIntExact(batch),
        device.device(checks),
        accelerator.accelerator,
        precision(checks),
        skipping,
        checks.choice("--verify", verify, List.of("store", "content")).equals("content"),
        retryRejects,
        recordDeletions,
        (int) checks.wholeNumber("--canaries", canaries, 0, 10_000),
        gates.gates(rejects.maxRejects(checks), checks),
        (int) merging,
        openLineage(checks),
        Duration.ofHours(
            checks.wholeNumber("--abandonedAfterHours", abandonedAfterHours, 1, 8_760)));
  }
}
