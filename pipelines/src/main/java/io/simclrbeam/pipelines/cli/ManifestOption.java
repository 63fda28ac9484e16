package io.simclrbeam.pipelines.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A manifest in place of inputs. */
@Command(optionListHeading = "Images")
final class ManifestOption {
  @Option(
      names = "--manifest",
      paramLabel = "PATH",
      description =
          "Manifest that index wrote, or its folder, instead of --input; images that have changed since are rejected")
  @Nullable String manifest;
}
