package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.dataset.PublishJob;
import io.simclrbeam.transforms.storage.LocalPaths;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code simclr publish}. */
@Command(
    name = "publish",
    description = "Publishes an embedding run that a quality gate held back.",
    optionListHeading = "Run")
final class PublishCommand implements FileCommand {
  @Parameters(paramLabel = "RUN", description = "Folder of the run, DATASET/model=ID/run=TIME")
  @Nullable String run;

  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public boolean isLocal() {
    return LocalPaths.isLocal(String.valueOf(run));
  }

  @Override
  public Work prepare(Checks checks) {
    String folder = checks.text("RUN", run);
    return out -> PublishJob.run(folder, out);
  }
}
