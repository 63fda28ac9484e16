package io.simclrbeam.pipelines.cli;

import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.transforms.dataset.FileFormat;
import io.simclrbeam.transforms.dataset.PartFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How embeddings are written. */
@Command(optionListHeading = "Files")
final class FormatOptions {
  @Option(
      names = "--format",
      paramLabel = "NAME",
      description = "Format of the files: avro or parquet")
  String format = "avro";

  @Option(
      names = "--vectors",
      paramLabel = "TYPE",
      description =
          "Numbers of the embeddings: float32, float16 (half the size), or int8 with a scale for"
              + " each embedding (a quarter)")
  String vectors = "float32";

  @Option(
      names = "--codec",
      paramLabel = "NAME",
      description = "Compression of the files: deflate, zstandard, snappy or none")
  String codec = "deflate";

  PartFormat format(Checks checks) {
    FileFormat files =
        checks.choice(
            "--format", format, FileFormat.all().toArray(FileFormat[]::new), FileFormat::code);
    return new PartFormat(
        files,
        checks.choice("--vectors", vectors, VectorFormat.values(), VectorFormat::code),
        checks.choice("--codec", codec, files.codecs()));
  }
}
