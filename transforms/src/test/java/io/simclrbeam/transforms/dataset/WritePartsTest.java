package io.simclrbeam.transforms.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.embed.PackedVector;
import io.simclrbeam.model.embed.VectorFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalInputFile;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WritePartsTest {
  private static final ParquetReadOptions PLAIN_PARQUET =
      ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
  private static final Embedding CAT = embedding("cat.png", "cat", 0.1f, -3, 1e-9f);
  private static final Embedding DOG = embedding("dog.png", null, 70_000, 0, -12_345.678f);

  @TempDir private Path dataset;

  private static Embedding embedding(String id, String label, float... vector) {
    return Embedding.builder()
        .setId(id)
        .setUri("/images/" + id)
        .setLabel(label)
        .setContentSha256("sha of " + id)
        .setWidth(30)
        .setHeight(20)
        .setModelId("m")
        .setEmbeddedAt(Instant.ofEpochMilli(1_700_000_000_123L))
        .setVector(vector)
        .build();
  }

  private static Embedding rounded(Embedding embedding, VectorFormat vectors) {
    float[] vector =
        switch (vectors) {
          case FLOAT32 -> embedding.vector();
          case FLOAT16 -> PackedVector.float16(embedding.vector()).unpack();
          case INT8 -> PackedVector.int8(embedding.vector()).unpack();
        };
    return Embedding.builder()
        .setId(embedding.id())
        .setUri(embedding.uri())
        .setLabel(embedding.label())
        .setContentSha256(embedding.contentSha256())
        .setWidth(embedding.width())
        .setHeight(embedding.height())
        .setModelId(embedding.modelId())
        .setEmbeddedAt(embedding.embeddedAt())
        .setVector(vector)
        .build();
  }

  private Path write(PartFormat format, String run, Embedding... embeddings) throws IOException {
    Path folder = dataset.resolve("model=m/run=" + run);
    Pipeline pipeline = Pipeline.create();
    pipeline
        .apply(Create.of(Arrays.asList(embeddings)))
        .apply(ToRecords.with(format.vectors()))
        .apply(WriteParts.to(folder + "/", format));
    pipeline.run().waitUntilFinish();
    Files.createFile(folder.resolve("_SUCCESS"));
    return folder;
  }

  private void assertReads(Embedding... expected) {
    Pipeline pipeline = Pipeline.create();
    PAssert.that(pipeline.apply(EmbeddingIO.read().from(dataset.toString())))
        .containsInAnyOrder(expected);
    pipeline.run().waitUntilFinish();
  }

  private static Stream<PartFormat> formats() {
    return Arrays.stream(FileFormat.values())
        .flatMap(
            files ->
                Arrays.stream(VectorFormat.values())
                    .flatMap(
                        vectors ->
                            Arrays.stream(PartCodec.values())
                                .map(codec -> new PartFormat(files, vectors, codec))));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void whatIsWrittenIsRead(PartFormat format) throws IOException {
    Path folder = write(format, "20260101T000000Z", CAT, DOG);

    List<Embedding> read = new ArrayList<>();
    for (ResourceId part : DatasetRun.list(dataset.toString()).get(0).parts()) {
      PartFile.read(part, record -> read.add(EmbeddingRecord.toEmbedding(record)));
    }
    assertThat(read)
        .containsExactlyInAnyOrder(rounded(CAT, format.vectors()), rounded(DOG, format.vectors()));
    for (Path part : parts(folder)) {
      switch (format.files()) {
        case AVRO -> assertIsAvro(part, format);
        case PARQUET -> assertIsParquet(part, format);
      }
    }
  }

  private static void assertIsAvro(Path part, PartFormat format) throws IOException {
    assertThat(part.toString()).endsWith(".avro");
    try (DataFileReader<GenericRecord> reader =
        new DataFileReader<>(part.toFile(), new GenericDatumReader<>())) {
      assertThat(reader.getSchema()).isEqualTo(EmbeddingRecord.schema(format.vectors()));
      String expected = format.codec() == PartCodec.NONE ? "null" : format.codec().code();
      assertThat(reader.getMetaString("avro.codec")).isEqualTo(expected);
    }
  }

  private static void assertIsParquet(Path part, PartFormat format) throws IOException {
    assertThat(part.toString()).endsWith(".parquet");
    CompressionCodecName expected =
        switch (format.codec()) {
          case DEFLATE -> CompressionCodecName.GZIP;
          case ZSTANDARD -> CompressionCodecName.ZSTD;
          case SNAPPY -> CompressionCodecName.SNAPPY;
          case NONE -> CompressionCodecName.UNCOMPRESSED;
        };
    try (ParquetFileReader reader =
        ParquetFileReader.open(new LocalInputFile(part), PLAIN_PARQUET)) {
      reader
          .getFooter()
          .getBlocks()
          .forEach(
              block ->
                  assertThat(block.getColumns()).allMatch(column -> column.getCodec() == expected));
      String fields = reader.getFileMetaData().getSchema().toString().replaceAll("\\s+", " ");
      assertThat(fields)
          .contains("required binary id (STRING);")
          .contains("required int64 embedded_at (TIMESTAMP(MILLIS,true));")
          .contains(
              format.vectors() == VectorFormat.FLOAT32
                  ? "optional group embedding (LIST) { repeated group list { required float"
                      + " element; } }"
                  : "optional binary embedding; optional float scale;");
    }
  }

  private static List<Path> parts(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> parts =
          files.filter(file -> file.getFileName().toString().startsWith("part-")).toList();
      assertThat(parts).isNotEmpty();
      return parts;
    }
  }

  @Test
  void runsOfSeveralFormatsAreOneDataSet() throws IOException {
    Embedding newDog = embedding("dog.png", "dog", 1, 2, 3);
    Embedding fox = embedding("fox.png", "fox", 4, 5, 6);
    write(PartFormat.DEFAULT, "20260101T000000Z", CAT, DOG);
    write(
        new PartFormat(FileFormat.PARQUET, VectorFormat.FLOAT16, PartCodec.SNAPPY),
        "20260102T000000Z",
        newDog);
    write(
        new PartFormat(FileFormat.AVRO, VectorFormat.INT8, PartCodec.NONE),
        "20260103T000000Z",
        fox);

    assertReads(CAT, newDog, rounded(fox, VectorFormat.INT8));
    assertThat(EmbeddingFiles.read(dataset.toString()).embeddings().size()).isEqualTo(3);
  }
}
