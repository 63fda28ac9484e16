package io.simclrbeam.pipelines.cli;

import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Some generated images in a folder, a network as it was initialized, and the command that embeds
 * the ones with the other.
 */
record SmallDataset(Path folder) {
  /** More than there are canaries, and few: the direct runner takes milliseconds for each. */
  static final int IMAGES = 70;

  void make() {
    CommandRun.expecting(
        0, "sample", "--output=" + path("images"), "--images=" + IMAGES, "--size=8");
    CommandRun.expecting(
        0,
        "train",
        "--runner=direct",
        "--input=" + path("images"),
        "--model=" + path("model"),
        "--imageSize=8",
        "--width=0.125",
        "--batchSize=8",
        "--steps=0");
  }

  String path(String name) {
    return folder.resolve(name).toString();
  }

  /** Embeds all images to an output, with more arguments. */
  CommandRun embed(int exitCode, String output, String... more) {
    return embed(exitCode, Path.of(path("images")), output, more);
  }

  /** Embeds the images of a folder to an output, with more arguments. */
  CommandRun embed(int exitCode, Path input, String output, String... more) {
    return CommandRun.expecting(
        exitCode,
        Stream.concat(
                Stream.of(
                    "embed",
                    "--runner=direct",
                    "--input=" + input,
                    "--model=" + path("model"),
                    "--output=" + output),
                Stream.of(more))
            .toArray(String[]::new));
  }
}
