package io.simclrbeam.pipelines.cli;

import io.simclrbeam.transforms.dataset.AsOf;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A data set as it was. */
@Command(optionListHeading = "Data set")
final class AsOfOption {
  private static final AsOf OTHERWISE = new AsOf(Instant.EPOCH, null);

  @Option(
      names = "--asOf",
      paramLabel = "MOMENT",
      description =
          "Read the data set as it was then: a time, such as 2026-11-30T08:00:00Z, or right after the"
              + " run of a name, as show lists it")
  @Nullable String asOf;

  /** Returns the moment; null for now. */
  @Nullable AsOf moment(Checks checks) {
    return asOf == null
        ? null
        : checks.parsed("--asOf", checks.text("--asOf", asOf), AsOf::parse, OTHERWISE);
  }
}
