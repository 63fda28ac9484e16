package io.simclrbeam.pipelines.cli;

import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.pipelines.embed.EmbedArgs;
import io.simclrbeam.transforms.dataset.FileFormat;
import io.simclrbeam.transforms.dataset.PartFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How embeddings are written. */
@Command(optionListHeading = "Files")
final class FormatOptions {
  @Option(
      names = "--format",
      paramLabel = "NAME",
      description =
          "Format of the files: avro, parquet, or auto: that of the data set, avro in a new one")
  String format = "auto";

  @Option(
      names = "--vectors",
      paramLabel = "TYPE",
      description =
          "Numbers of the embeddings: float32, float16 (half the size), int8 with a scale for each"
              + " embedding (a quarter), or auto: that of the data set, float32 in a new one")
  String vectors = "auto";

  @Option(
      names = "--codec",
      paramLabel = "NAME",
      description =
          "Compression of the files: deflate, zstandard, snappy, none, or auto: the first of these that"
              + " the format has")
  String codec = "auto";

  @Option(
      names = "--partMegabytes",
      paramLabel = "MB",
      description =
          "About the size of a part file before it is compressed, such as 192; then a night of few images"
              + " has one part, but vectors are shuffled. 0: as many parts as the runner likes")
  String partMegabytes = Integer.toString(PartFormat.USUAL_MEGABYTES);

  EmbedArgs.Format format(Checks checks) {
    @Nullable String files =
        checks.choiceOrAuto(
            "--format", format, FileFormat.all().stream().map(FileFormat::code).toList());
    @Nullable String numbers =
        checks.choiceOrAuto(
            "--vectors",
            vectors,
            Stream.of(VectorFormat.values()).map(VectorFormat::code).toList());
    Stream<FileFormat> formats =
        files == null ? FileFormat.all().stream() : Stream.of(FileFormat.of(files));
    List<String> codecs = formats.flatMap(each -> each.codecs().stream()).distinct().toList();
    return new EmbedArgs.Format(
        files == null ? null : FileFormat.of(files),
        numbers == null ? null : VectorFormat.of(numbers),
        checks.choiceOrAuto("--codec", codec, codecs),
        (int) checks.wholeNumber("--partMegabytes", partMegabytes, 0, 100_000));
  }
}
