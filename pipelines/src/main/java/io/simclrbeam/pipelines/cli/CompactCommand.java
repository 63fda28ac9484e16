package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.dataset.CompactJob;
import io.simclrbeam.pipelines.runner.Launcher;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code simclr compact}. */
@Command(
    name = "compact",
    description =
        "Merges the runs of an embedding data set into one, a base, which readers take in their"
            + " place. Vectors stay as they are. Readers and nightly runs can go on.",
    optionListHeading = "Data set")
final class CompactCommand implements PipelineCommand<CompactCommand.Args> {
  @Parameters(paramLabel = "DATASET", description = "Folder of the data set")
  @Nullable String dataset;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "Id of the model whose runs are merged, as show lists it, or the model's folder; without"
              + " it, that of the newest run")
  @Nullable String model;

  @Mixin RunnerOption runner = new RunnerOption();
  @Mixin GeneralOptions general = new GeneralOptions();

  /**
   * What was asked for.
   *
   * @param model null for that of the newest run
   */
  record Args(String dataset, @Nullable String model) {}

  @Override
  public RunnerOption runner() {
    return runner;
  }

  @Override
  public boolean isOneJob() {
    return true;
  }

  @Override
  public Args args(Checks checks) {
    return new Args(
        checks.text("DATASET", dataset), model == null ? null : checks.text("--model", model));
  }

  @Override
  public void run(Args args, Launcher launcher) throws IOException {
    CompactJob.run(args.dataset, args.model, launcher);
  }
}
