package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.report.ReportArgs;
import io.simclrbeam.pipelines.report.ReportJob;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code simclr report}. */
@Command(
    name = "report",
    description =
        "Writes a page about a model and its embeddings: training curves, evaluation, the nights of"
            + " the data set, and a map of the images to walk in. It is one HTML file that needs no"
            + " network.",
    optionListHeading = "Report")
final class ReportCommand implements FileCommand {
  @Option(
      names = "--model",
      paramLabel = "FOLDER",
      description = "Folder of the model, which may still be in training")
  @Nullable String model;

  @Option(
      names = "--embeddings",
      paramLabel = "FOLDER",
      description = "Embedding data set of the model, as embed leaves it")
  @Nullable String embeddings;

  @Option(
      names = "--evaluation",
      paramLabel = "FILE",
      description = "JSON file that evaluate has written, of the same model")
  @Nullable String evaluation;

  @Option(names = "--output", required = true, paramLabel = "FILE", description = "HTML file")
  @Nullable String output;

  @Option(
      names = "--table",
      paramLabel = "FILE",
      description =
          "Parquet file for the points of the map, with what is known of each: place, cluster,"
              + " ranks, neighbors and thumbnail, for viewers of embeddings and for queries")
  @Nullable String table;

  @Option(
      names = "--points",
      paramLabel = "N",
      description =
          "Most images on the map; of a larger data set some are chosen, the same each time")
  String points = "20000";

  @Option(names = "--k", paramLabel = "N", description = "Neighbors of an image that the map shows")
  String k = "10";

  @Option(names = "--seed", paramLabel = "N", description = "Another seed gives another map")
  String seed = "0";

  @Mixin AsOfOption asOf = new AsOfOption();
  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public Work prepare(Checks checks) {
    ReportArgs args = args(checks);
    return out -> ReportJob.run(args, Version.program(), out);
  }

  ReportArgs args(Checks checks) {
    if (model == null && embeddings == null) {
      checks.problem("neither --model nor --embeddings is given, but there must be one of them");
    }
    return new ReportArgs(
        model == null ? null : checks.text("--model", model),
        embeddings == null ? null : checks.text("--embeddings", embeddings),
        evaluation == null ? null : checks.text("--evaluation", evaluation),
        (int) checks.wholeNumber("--points", points, 3, 100_000),
        (int) checks.wholeNumber("--k", k, 1, 50),
        checks.wholeNumber("--seed", seed, Long.MIN_VALUE, Long.MAX_VALUE),
        asOf.moment(checks),
        checks.outputFile("--output", output),
        table(checks));
  }

  private @Nullable String table(Checks checks) {
    if (table == null) {
      return null;
    }
    if (!table.toLowerCase(Locale.ROOT).endsWith(".parquet")) {
      checks.wrong("--table", table, "the name of a .parquet file");
    }
    if (embeddings == null) {
      checks.problem("--table needs --embeddings, whose map it holds");
    }
    return checks.outputFile("--table", table);
  }
}
