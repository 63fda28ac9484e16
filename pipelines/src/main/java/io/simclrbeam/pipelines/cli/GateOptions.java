package io.simclrbeam.pipelines.cli;

import io.simclrbeam.transforms.dataset.QualityGates;
import io.simclrbeam.transforms.images.ImageLimit;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a run must be like to be published. */
@Command(optionListHeading = "Quality gates")
final class GateOptions {
  @Option(
      names = "--maxDeletions",
      paramLabel = "LIMIT",
      description =
          "Most images of the data set that --recordDeletions may mark as deleted, as a percentage of"
              + " all or as a number")
  String maxDeletions = "10%";

  @Option(
      names = "--minRankMe",
      paramLabel = "RANK",
      description = "Least effective rank (RankMe) of the embeddings; below it they have collapsed")
  String minRankMe = "2";

  @Option(
      names = "--maxNormChange",
      paramLabel = "SHARE",
      description = "Most that the mean norm may differ from that of the last run, as a share")
  String maxNormChange = "0.25";

  @Option(
      names = "--maxFrechet",
      paramLabel = "SHARE",
      description =
          "Largest squared Frechet distance to the last run's embeddings, beyond what chance"
              + " explains, as a share of their variance")
  String maxFrechet = "1";

  @Option(
      names = "--maxCanaryChange",
      paramLabel = "SHARE",
      description = "Largest share of the canaries whose nearest neighbor among them changed")
  String maxCanaryChange = "0.05";

  @Spec(Spec.Target.MIXEE)
  @Nullable CommandSpec command;

  /** Returns the gates. One that was given on the command line judges any number of images. */
  QualityGates gates(ImageLimit maxRejects, Checks checks) {
    return QualityGates.NONE.toBuilder()
        .maxRejects(maxRejects)
        .maxDeletions(
            checks.parsed(
                "--maxDeletions", maxDeletions, ImageLimit::parse, new ImageLimit(0, false)))
        .minRankMe(checks.number("--minRankMe", minRankMe, 0, Checks.NO_LIMIT))
        .maxNormChange(checks.number("--maxNormChange", maxNormChange, 0, Checks.NO_LIMIT))
        .maxFrechet(checks.number("--maxFrechet", maxFrechet, 0, Checks.NO_LIMIT))
        .maxCanaryChange(checks.number("--maxCanaryChange", maxCanaryChange, 0, 1))
        .always(
            QualityGates.THAT_WAIT.stream()
                .filter(
                    name ->
                        Objects.requireNonNull(command)
                            .commandLine()
                            .getParseResult()
                            .hasMatchedOption("--" + name))
                .collect(Collectors.toSet()))
        .build();
  }
}
