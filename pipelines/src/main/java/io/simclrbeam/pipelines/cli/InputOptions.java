package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.index.Source;
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
      names = "--imageField",
      paramLabel = "NAME",
      description =
          "Field with the encoded image, in shards of records, or auto: the only one of bytes"
              + " (Avro), image/encoded (TFRecord)")
  String imageField = AUTO;

  @Option(
      names = "--labelField",
      paramLabel = "NAME",
      description =
          "Field with the label, in shards of records, or auto: label, if there is one (Avro),"
              + " image/class/label (TFRecord)")
  String labelField = AUTO;

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
    return new Source(
        checks.texts("--input", inputs),
        new RecordFields(
            field(checks.text("--imageField", imageField)),
            field(checks.text("--labelField", labelField))),
        manifest == null ? null : folder(checks.text("--manifest", manifest)));
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
