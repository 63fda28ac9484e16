package io.simclrbeam.pipelines.sample;

import io.simclrbeam.model.image.Png;
import io.simclrbeam.model.sample.SampleImages;
import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.storage.BeamFiles;
import io.simclrbeam.transforms.storage.FileListing;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.io.fs.ResourceId;

/**
 * Writes a generated data set as PNG files {@code CLASS/CLASS-00001.png}. Runs in this process,
 * without a pipeline.
 */
public final class SampleJob {
  private static final List<String> CLASSES = SampleImages.classNames();

  private SampleJob() {}

  /**
   * Writes the images, over those of an earlier run of the same kind.
   *
   * @throws JobException if the folder holds anything else, which would become part of the data set
   * @throws IOException if the folder cannot be read
   * @throws UncheckedIOException if a file cannot be written
   */
  public static void run(SampleArgs args, PrintWriter out) throws IOException {
    String folder = args.output().endsWith("/") ? args.output() : args.output() + "/";
    checkForOtherFiles(args, folder);
    IntStream.range(0, args.images()).parallel().forEach(image -> write(image, args, folder));
    out.printf(
        "Drew %s of %d x %d pixels, in %s, to %s.%n",
        Numbers.count(args.images(), "image"),
        args.size(),
        args.size(),
        Numbers.count(Math.min(args.images(), CLASSES.size()), "class folder"),
        args.output());
  }

  private static void write(int image, SampleArgs args, String folder) {
    byte[] png = Png.encode(SampleImages.draw(classOf(image), image, args.size(), args.seed()));
    ResourceId file = FileSystems.matchNewResource(folder + name(image), false);
    try {
      BeamFiles.write(file, "image/png", out -> out.write(png));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void checkForOtherFiles(SampleArgs args, String folder) throws IOException {
    Set<String> names = new HashSet<>();
    for (int image = 0; image < args.images(); image++) {
      names.add(name(image));
    }
    List<String> others =
        files(folder).stream()
            .map(ResourceId::toString)
            .filter(file -> !names.contains(lastTwoParts(file)))
            .sorted()
            .toList();
    if (!others.isEmpty()) {
      throw new JobException(
          ExitCode.USAGE,
          ("--output=%s holds files that are not of this data set: %d, such as %s. Choose another"
                  + " folder, or empty it.")
              .formatted(args.output(), others.size(), others.get(0)));
    }
  }

  private static List<ResourceId> files(String folder) throws IOException {
    return FileListing.of(folder + "**").stream()
        .map(MatchResult.Metadata::resourceId)
        .filter(file -> !file.isDirectory())
        .toList();
  }

  private static String lastTwoParts(String path) {
    String slashed = path.replace('\\', '/');
    int folder = slashed.lastIndexOf('/', slashed.lastIndexOf('/') - 1);
    return slashed.substring(folder + 1);
  }

  private static int classOf(int image) {
    return image % CLASSES.size();
  }

  private static String name(int image) {
    String label = CLASSES.get(classOf(image));
    return "%s/%s-%05d.png".formatted(label, label, image / CLASSES.size() + 1);
  }
}
