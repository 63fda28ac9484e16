package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.dedup.DedupArgs;
import io.simclrbeam.pipelines.dedup.DedupJob;
import io.simclrbeam.pipelines.runner.Launcher;
import io.simclrbeam.transforms.dedup.DedupSpec;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code simclr dedup}. */
@Command(
    name = "dedup",
    description =
        "Groups near-duplicate images by their embeddings, and lists which images to keep.",
    optionListHeading = "Near duplicates")
final class DedupCommand implements PipelineCommand<DedupArgs> {
  @Option(
      names = "--embeddings",
      required = true,
      paramLabel = "FOLDER",
      description = "Embedding data set, as embed leaves it; the newest embedding of each image")
  @Nullable String embeddings;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FOLDER",
      description = "Folder for the groups and the list of images to keep; replaces earlier ones")
  @Nullable String output;

  @Option(
      names = "--threshold",
      paramLabel = "COSINE",
      description = "Least cosine similarity of near duplicates, 0.5 to 1")
  String threshold = "0.98";

  @Option(
      names = "--cells",
      paramLabel = "N",
      description =
          "Cells of similar images that are searched one by one, 1 to 4096, or auto: one for every"
              + " 4096 images")
  String cells = "auto";

  @Option(
      names = "--maxCopies",
      paramLabel = "N",
      description =
          "Further cells that an image near their borders is compared in; pairs across the borders"
              + " of others may be missed, and their number is reported")
  String maxCopies = "8";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the sample that the cells are learned from")
  String seed = "0";

  @Option(
      names = "--manifest",
      paramLabel = "PATH",
      description =
          "Manifest that index wrote, or its folder; it is written without the duplicates to"
              + " keep-manifest in the output, for train and embed")
  @Nullable String manifest;

  @Option(
      names = "--sheet",
      paramLabel = "FILE",
      description =
          "PNG or JPEG file to draw groups to, those of least similarity first, with the image that"
              + " is kept before the others")
  @Nullable String sheet;

  @Mixin AsOfOption asOf = new AsOfOption();
  @Mixin RunnerOption runner = new RunnerOption();
  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public RunnerOption runner() {
    return runner;
  }

  @Override
  public void run(DedupArgs args, Launcher launcher) throws IOException {
    DedupJob.run(args, launcher);
  }

  @Override
  public DedupArgs args(Checks checks) {
    @Nullable Long cellCount = checks.wholeNumberOrAuto("--cells", cells, 1, DedupSpec.MOST_CELLS);
    return new DedupArgs(
        checks.text("--embeddings", embeddings),
        asOf.moment(checks),
        checks.outputFolder("--output", output),
        new DedupSpec(
            checks.number("--threshold", threshold, 0.5, 1),
            cellCount == null ? 0 : Math.toIntExact(cellCount),
            (int) checks.wholeNumber("--maxCopies", maxCopies, 0, DedupSpec.MOST_CELLS),
            checks.wholeNumber("--seed", seed, Long.MIN_VALUE, Long.MAX_VALUE)),
        manifest == null ? null : InputOptions.folder(checks.text("--manifest", manifest)),
        sheet == null ? null : checks.picture("--sheet", sheet));
  }
}
