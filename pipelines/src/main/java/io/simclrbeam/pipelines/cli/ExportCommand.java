package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.dataset.ExportJob;
import io.simclrbeam.transforms.dataset.AsOf;
import io.simclrbeam.transforms.dataset.ExportView;
import io.simclrbeam.transforms.storage.LocalPaths;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code simclr export}. */
@Command(
    name = "export",
    description =
        "Writes the current embedding of each image of a data set to one file: of published runs"
            + " the newest, not deleted, as float32.",
    optionListHeading = "Export")
final class ExportCommand implements FileCommand {
  @Parameters(paramLabel = "DATASET", description = "Folder of the data set")
  @Nullable String dataset;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description =
          "File whose name ends in .parquet, .csv, or .npy; with .npy, FILE.ids.txt and"
              + " FILE.labels.txt have the id and the label of each row")
  @Nullable String output;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "Id of the model whose embeddings are written, as show lists it, or the model's folder;"
              + " without it, that of the newest run")
  @Nullable String model;

  @Mixin AsOfOption asOf = new AsOfOption();
  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public boolean isLocal() {
    return Stream.of(dataset, model, output).map(String::valueOf).allMatch(LocalPaths::isLocal);
  }

  @Override
  public Work prepare(Checks checks) {
    String folder = checks.text("DATASET", dataset);
    @Nullable String wanted = model == null ? null : checks.text("--model", model);
    ExportView otherwise = ExportView.to(".csv");
    ExportView export =
        output == null
            ? otherwise
            : checks.parsed(
                "--output", checks.outputFile("--output", output), ExportView::to, otherwise);
    @Nullable AsOf moment = asOf.moment(checks);
    return out -> ExportJob.run(folder, wanted, moment, export, out);
  }
}
