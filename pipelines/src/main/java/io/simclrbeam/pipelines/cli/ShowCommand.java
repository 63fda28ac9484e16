package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.dataset.ShowJob;
import io.simclrbeam.transforms.storage.LocalPaths;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code simclr show}. */
@Command(
    name = "show",
    description = "Lists the models and runs of an embedding data set.",
    optionListHeading = "Data set")
final class ShowCommand implements FileCommand {
  @Parameters(paramLabel = "DATASET", description = "Folder of the data set")
  @Nullable String dataset;

  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public boolean isLocal() {
    return LocalPaths.isLocal(String.valueOf(dataset));
  }

  @Override
  public Work prepare(Checks checks) {
    String folder = checks.text("DATASET", dataset);
    return out -> ShowJob.run(folder, out);
  }
}
