package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.evaluate.EvaluateArgs;
import io.simclrbeam.pipelines.evaluate.EvaluateJob;
import io.simclrbeam.transforms.storage.LocalPaths;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code simclr evaluate}. */
@Command(
    name = "evaluate",
    description =
        "Says how good embeddings are: by classifiers fitted on a training set and tried on a test"
            + " set, and by the geometry of the test set.",
    optionListHeading = "Evaluation")
final class EvaluateCommand implements FileCommand {
  @Option(
      names = "--train",
      required = true,
      paramLabel = "FOLDER",
      description = "Embedding data set, with labels, to fit classifiers on")
  @Nullable String train;

  @Option(
      names = "--test",
      required = true,
      paramLabel = "FOLDER",
      description = "Embedding data set of the same model, with labels, to try them on")
  @Nullable String test;

  @Option(
      names = "--knn",
      paramLabel = "K",
      description = "Nearest training images that vote for the class of a test image")
  String knn = "200";

  @Option(
      names = "--knnTemperature",
      paramLabel = "T",
      description = "A neighbor's vote weighs exp(cosine similarity / T)")
  String knnTemperature = "0.1";

  @Option(
      names = "--labelFractions",
      paramLabel = "PARTS",
      description =
          "Parts of the training images of each class with which classifiers are fitted too, such as"
              + " 0.01,0.1: how good embeddings are where few images have labels")
  @Nullable String labelFractions;

  @Option(names = "--output", paramLabel = "FILE", description = "JSON file for the results")
  @Nullable String output;

  @Mixin AsOfOption asOf = new AsOfOption();
  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public boolean isLocal() {
    return Stream.of(train, test, output).map(String::valueOf).allMatch(LocalPaths::isLocal);
  }

  @Override
  public Work prepare(Checks checks) {
    EvaluateArgs args = args(checks);
    return out -> EvaluateJob.run(args, out);
  }

  EvaluateArgs args(Checks checks) {
    return new EvaluateArgs(
        checks.text("--train", train),
        checks.text("--test", test),
        (int) checks.wholeNumber("--knn", knn, 1, 1_000_000),
        checks.number("--knnTemperature", knnTemperature, Checks.ABOVE_ZERO, Checks.NO_LIMIT),
        labelFractions == null ? List.of() : checks.fractions("--labelFractions", labelFractions),
        asOf.moment(checks),
        output == null ? null : checks.outputFile("--output", output));
  }
}
