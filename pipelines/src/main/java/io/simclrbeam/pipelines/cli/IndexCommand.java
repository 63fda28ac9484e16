package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.index.IndexArgs;
import io.simclrbeam.pipelines.index.IndexJob;
import io.simclrbeam.pipelines.runner.Launcher;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code simclr index}. */
@Command(
    name = "index",
    description =
        "Lists and checks images and writes a manifest of the usable ones. train and embed can use it instead of checking again.",
    optionListHeading = "Index")
final class IndexCommand implements PipelineCommand<IndexArgs> {
  @Option(
      names = "--output",
      required = true,
      paramLabel = "FOLDER",
      description = "Folder for manifest.avro, and for the lists of rejects and duplicates")
  @Nullable String output;

  @Option(
      names = "--pack",
      paramLabel = "FOLDER",
      description =
          "Folder for a copy of the usable images in tar files of about 256 MB, to which the manifest then leads")
  @Nullable String pack;

  @Mixin InputOptions input = new InputOptions();
  @Mixin RejectOptions rejects = new RejectOptions();
  @Mixin RunnerOption runner = new RunnerOption();
  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public RunnerOption runner() {
    return runner;
  }

  @Override
  public void run(IndexArgs args, Launcher launcher) throws IOException {
    IndexJob.run(args, launcher);
  }

  @Override
  public IndexArgs args(Checks checks) {
    return new IndexArgs(
        input.source(checks, null),
        checks.outputFolder("--output", output),
        pack == null ? null : checks.outputFolder("--pack", pack),
        rejects.maxRejects(checks));
  }
}
