package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.runner.Launcher;
import io.simclrbeam.pipelines.train.FittingSize;
import io.simclrbeam.pipelines.views.ViewsArgs;
import io.simclrbeam.pipelines.views.ViewsJob;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code simclr views}. */
@Command(
    name = "views",
    description =
        "Draws some images and pairs of their views, to show what the network sees in training.",
    optionListHeading = "Sheet")
final class ViewsCommand implements PipelineCommand<ViewsArgs> {
  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "PNG or JPEG file; each row has an image as it is, then pairs of its views")
  @Nullable String output;

  @Option(names = "--images", paramLabel = "N", description = "Images to draw")
  String images = "8";

  @Option(names = "--pairs", paramLabel = "N", description = "Pairs of views of each image")
  String pairs = "3";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Another seed draws other images and other views")
  String seed = "0";

  @Mixin InputOptions input = new InputOptions();
  @Mixin ManifestOption manifest = new ManifestOption();
  @Mixin ViewOptions views = new ViewOptions();
  @Mixin RunnerOption runner = new RunnerOption();
  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public RunnerOption runner() {
    return runner;
  }

  @Override
  public void run(ViewsArgs args, Launcher launcher) throws IOException {
    ViewsJob.run(args, launcher);
  }

  @Override
  public ViewsArgs args(Checks checks) {
    @Nullable Integer size = views.size(checks);
    return new ViewsArgs(
        input.source(checks, manifest),
        checks.picture("--output", output),
        views.exifOrientation(checks),
        views.settings(checks).apply(size == null ? FittingSize.LARGEST : size),
        (int) checks.wholeNumber("--images", images, 1, 100),
        (int) checks.wholeNumber("--pairs", pairs, 1, 10),
        checks.wholeNumber("--seed", seed, Long.MIN_VALUE, Long.MAX_VALUE));
  }
}
