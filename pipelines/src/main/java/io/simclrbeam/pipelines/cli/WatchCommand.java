package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.train.WatchJob;
import io.simclrbeam.transforms.storage.LocalPaths;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code simclr watch}. */
@Command(
    name = "watch",
    description =
        "Shows a training in the terminal until it is finished: curves, speed and time left, as of"
            + " its newest checkpoint. The training may go on anywhere, also on a cluster.",
    optionListHeading = "Watch")
final class WatchCommand implements FileCommand {
  /** What {@code bin/simclr} sets where the output is a terminal. */
  private static final String TERMINAL = "simclr.terminal";

  @Option(
      names = "--model",
      required = true,
      paramLabel = "FOLDER",
      description = "Folder of the model that is trained")
  @Nullable String model;

  @Option(
      names = "--everySeconds",
      paramLabel = "N",
      description = "Seconds from one look at it to the next; 0 looks once")
  String everySeconds = "10";

  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public boolean isLocal() {
    return LocalPaths.isLocal(String.valueOf(model));
  }

  @Override
  public Work prepare(Checks checks) {
    String folder = checks.text("--model", model);
    long seconds = checks.wholeNumber("--everySeconds", everySeconds, 0, 86_400);
    boolean terminal = Boolean.getBoolean(TERMINAL);
    return out -> WatchJob.run(folder, seconds, terminal, out, Charset.defaultCharset());
  }
}
