package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.dataset.VacuumJob;
import io.simclrbeam.transforms.storage.LocalPaths;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code simclr vacuum}. */
@Command(
    name = "vacuum",
    description =
        "Deletes the runs of an embedding data set that a base replaces, that were held back, or that"
            + " were never finished.",
    optionListHeading = "Data set")
final class VacuumCommand implements FileCommand {
  private static final Pattern TIME = Pattern.compile("(\\d{1,5})([dh])");

  @Parameters(paramLabel = "DATASET", description = "Folder of the data set")
  @Nullable String dataset;

  @Option(
      names = "--retain",
      paramLabel = "TIME",
      description =
          "How long a run is kept after it was replaced, held back or left unfinished: days, such as"
              + " 30d, or hours, such as 12h. So long readers that began before can go on, and the data"
              + " set can be read as it was")
  String retain = "30d";

  @Option(names = "--dryRun", description = "Only list what would be deleted")
  boolean dryRun;

  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public boolean isLocal() {
    return LocalPaths.isLocal(String.valueOf(dataset));
  }

  @Override
  public Work prepare(Checks checks) {
    String folder = checks.text("DATASET", dataset);
    Duration kept = checks.parsed("--retain", retain, VacuumCommand::time, Duration.ZERO);
    return out -> VacuumJob.run(folder, kept, dryRun, out);
  }

  private static Duration time(String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is no time; give days or hours, such as 30d or 12h".formatted(text));
    }
    long number = Long.parseLong(matcher.group(1));
    return matcher.group(2).equals("d") ? Duration.ofDays(number) : Duration.ofHours(number);
  }
}
