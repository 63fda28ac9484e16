package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.dataset.DiffJob;
import io.simclrbeam.transforms.storage.LocalPaths;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code simclr diff}. */
@Command(
    name = "diff",
    description = "Says what changed between two runs of an embedding data set.",
    optionListHeading = "Runs")
final class DiffCommand implements FileCommand {
  @Parameters(
      index = "0",
      paramLabel = "RUN",
      description = "Folder of the earlier run, DATASET/model=ID/run=TIME")
  @Nullable String before;

  @Parameters(index = "1", paramLabel = "RUN", description = "Folder of the later one")
  @Nullable String after;

  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public boolean isLocal() {
    return LocalPaths.isLocal(String.valueOf(before)) && LocalPaths.isLocal(String.valueOf(after));
  }

  @Override
  public Work prepare(Checks checks) {
    String first = checks.text("RUN", before);
    String second = checks.text("RUN", after);
    return out -> DiffJob.run(first, second, out);
  }
}
