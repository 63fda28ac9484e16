package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.neighbors.NeighborsArgs;
import io.simclrbeam.pipelines.neighbors.NeighborsJob;
import io.simclrbeam.transforms.storage.LocalPaths;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code simclr neighbors}. */
@Command(
    name = "neighbors",
    description = "Finds the images of an embedding data set that are nearest to given images.",
    optionListHeading = "Neighbors")
final class NeighborsCommand implements FileCommand {
  @Option(
      names = "--embeddings",
      required = true,
      paramLabel = "FOLDER",
      description = "Embedding data set, as embed leaves it; the newest embedding of each image")
  @Nullable String embeddings;

  @Option(
      names = "--query",
      required = true,
      paramLabel = "IMAGE",
      description =
          "Id of an image in the data set, or with --model an image file; may be given several"
              + " times")
  List<String> queries = new ArrayList<>();

  @Option(names = "--k", paramLabel = "N", description = "Neighbors of each image")
  String k = "10";

  @Option(
      names = "--model",
      paramLabel = "FOLDER",
      description = "Folder of the model that made the embeddings, to encode image files with")
  @Nullable String model;

  @Option(
      names = "--search",
      paramLabel = "NAME",
      description =
          "exact (compares with every image), hnsw (through a graph of near images, which is made"
              + " first and kept; may miss some, and says how many), or auto: exact up to a million"
              + " images")
  String search = "auto";

  @Option(
      names = "--index",
      paramLabel = "FOLDER",
      description = "Local folder for the graphs of hnsw instead of _hnsw in the data set")
  @Nullable String index;

  @Option(names = "--output", paramLabel = "FILE", description = "JSON file for the neighbors")
  @Nullable String output;

  @Option(
      names = "--sheet",
      paramLabel = "FILE",
      description = "PNG or JPEG file to draw the images to, a row for each query")
  @Nullable String sheet;

  @Mixin AsOfOption asOf = new AsOfOption();
  @Mixin DeviceOption device = new DeviceOption();
  @Mixin GeneralOptions general = new GeneralOptions();

  /** A sheet shows images from wherever they were embedded. */
  @Override
  public boolean isLocal() {
    return sheet == null
        && queries.stream().allMatch(LocalPaths::isLocal)
        && Stream.of(embeddings, model, index, output)
            .map(String::valueOf)
            .allMatch(LocalPaths::isLocal);
  }

  @Override
  public Work prepare(Checks checks) {
    NeighborsArgs args = args(checks);
    return out -> NeighborsJob.run(args, out);
  }

  NeighborsArgs args(Checks checks) {
    return new NeighborsArgs(
        checks.text("--embeddings", embeddings),
        asOf.moment(checks),
        checks.texts("--query", queries),
        (int) checks.wholeNumber("--k", k, 1, 10_000),
        model == null ? null : checks.text("--model", model),
        device.device(checks),
        NeighborsArgs.Search.valueOf(
            checks
                .choice("--search", search, List.of("auto", "exact", "hnsw"))
                .toUpperCase(Locale.ROOT)),
        index == null ? null : checks.text("--index", index),
        output == null ? null : checks.outputFile("--output", output),
        sheet == null ? null : checks.picture("--sheet", sheet));
  }
}
