package io.simclrbeam.pipelines.cli;

import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.pipelines.index.Source;
import io.simclrbeam.transforms.images.ImageFilter;
import io.simclrbeam.transforms.images.RecordFields;
import io.simclrbeam.transforms.images.ShardFormats;
import io.simclrbeam.transforms.index.Manifest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Where images come from. */
@Command(optionListHeading = "Images")
final class InputOptions {
  private static final String AUTO = "auto";

  @Option(
      names = "--input",
      paramLabel = "PATH",
      completionCandidates = Shards.class,
      description =
          "Folder (searched to any depth), glob, image file, or shard (${COMPLETION-CANDIDATES}),"
              + " local or on any file system that Beam reaches; may be given several times")
  List<String> inputs = new ArrayList<>();

  @Option(
      names = "--include",
      paramLabel = "GLOB",
      description =
          "Take only images that match, such as '*.jpg' (names at any depth) or '2024/**' (paths below"
              + " the input, or in a shard); may be given several times. A folder or shard that"
              + " matches counts for all in it")
  List<String> include = new ArrayList<>();

  @Option(
      names = "--exclude",
      paramLabel = "GLOB",
      description =
          "Leave out images, folders and shards that match, also of those that --include takes; may"
              + " be given several times")
  List<String> exclude = new ArrayList<>();

  @Option(
      names = "--imageField",
      paramLabel = "NAMES",
      description =
          "Field with the encoded image, in shards: the first that is there of names such as"
              + " 'jpg;png;webp'. A field within another is named by its path, such as image.bytes. auto:"
              + " the only one of bytes (Avro, Parquet), image/encoded (TFRecord), each image of a"
              + " sample (tar)")
  String imageField = AUTO;

  @Option(
      names = "--labelField",
      paramLabel = "NAME",
      description =
          "Field with the label, in shards of records, or auto: label, if there is one (Avro, Parquet),"
              + " image/class/label (TFRecord)")
  String labelField = AUTO;

  @Option(
      names = "--maxPixels",
      paramLabel = "N",
      description =
          "Reject a picture of more pixels. One of more than 100000000 is read at a reduced scale, if"
              + " its format allows that")
  String maxPixels = Long.toString(ImageDecoder.MAX_STORED_PIXELS);

  /** What the names of shards may end in, for the help text. */
  static final class Shards implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return ShardFormats.suffixes().iterator();
    }
  }

  /** Returns where images are; one of inputs and a manifest must be given. */
  Source source(Checks checks, @Nullable ManifestOption option) {
    @Nullable String manifest = option == null ? null : option.manifest;
    if (inputs.isEmpty() && manifest == null) {
      checks.problem(
          option == null
              ? "--input=PATH is missing"
              : "--input=PATH or --manifest=PATH is missing");
    }
    if (!inputs.isEmpty() && manifest != null) {
      checks.problem("--input and --manifest both say where images are; give one of them");
    }
    if (manifest != null && !(include.isEmpty() && exclude.isEmpty())) {
      checks.problem("--include and --exclude choose images of --input, not of a --manifest");
    }
    return new Source(
        checks.texts("--input", inputs),
        new RecordFields(
            field(checks.text("--imageField", imageField)),
            field(checks.text("--labelField", labelField))),
        new ImageFilter(globs(checks, "--include", include), globs(checks, "--exclude", exclude)),
        checks.wholeNumber("--maxPixels", maxPixels, 1, Long.MAX_VALUE),
        manifest == null ? null : folder(checks.text("--manifest", manifest)));
  }

  private static List<String> globs(Checks checks, String option, List<String> globs) {
    for (String glob : checks.texts(option, globs)) {
      if (!glob.isBlank()) {
        checks.parsed(option, glob, ImageFilter::checkGlob, "");
      }
    }
    return globs;
  }

  /** Returns the folder of a manifest, which may be given by the name of the file. */
  static String folder(String manifest) {
    if (!manifest.endsWith(Manifest.FILE)) {
      return manifest;
    }
    String folder = manifest.substring(0, manifest.length() - Manifest.FILE.length());
    return folder.isEmpty() ? "./" : folder;
  }

  private static @Nullable String field(String name) {
    return name.equals(AUTO) ? null : name;
  }
}
