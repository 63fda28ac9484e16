package io.simclrbeam.transforms.dataset;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.TestRuns;
import io.simclrbeam.model.embed.PackedVector;
import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.model.storage.NewerFormatException;
import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.remote.RemoteFiles;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalInputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WriteRunTest {
  private static final ParquetReadOptions PLAIN_PARQUET =
      ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
  private static final Embedding CAT = embedding("cat.png", "cat", 0.1f, -3, 1e-9f);
  private static final Embedding DOG = embedding("dog.png", null, 70_000, 0, -12_345.678f);

  @TempDir private Path dataset;

  private static Embedding embedding(String id, String label, float... vector) {
    return TestEmbedding.of(id, vector).setLabel(label).build();
  }

  private static Embedding rounded(Embedding embedding, VectorFormat vectors) {
    float[] vector =
        switch (vectors) {
          case FLOAT32 -> embedding.vector();
          case FLOAT16 -> PackedVector.float16(embedding.vector()).unpack();
          case INT8 -> PackedVector.int8(embedding.vector()).unpack();
        };
    return embedding.toBuilder().setVector(vector).build();
  }

  private Path write(PartFormat format, String run, Embedding... embeddings) throws IOException {
    RunSpec spec = spec(run);
    Pipeline pipeline = DirectPipeline.unchecked();
    PCollectionTuple.of(WriteRun.EMBEDDINGS, pipeline.apply(Create.of(Arrays.asList(embeddings))))
        .apply(WriteRun.of(spec, format, QualityGates.NONE));
    pipeline.run().waitUntilFinish();
    return Path.of(spec.folder());
  }

  private RunSpec spec(String run) throws IOException {
    RunSpec spec = new RunSpec(dataset.toString(), "m", run, 0, 3, Map.of(), Map.of());
    Files.createFile(Files.createDirectories(Path.of(spec.folder())).resolve("_RUNNING"));
    return spec;
  }

  private void assertReads(Embedding... expected) {
    Pipeline pipeline = DirectPipeline.unchecked();
    PAssert.that(pipeline.apply(EmbeddingIO.read().from(dataset.toString())))
        .containsInAnyOrder(expected);
    pipeline.run().waitUntilFinish();
  }

  private static Stream<PartFormat> formats() {
    return FileFormat.all().stream()
        .flatMap(
            files ->
                Arrays.stream(VectorFormat.values())
                    .flatMap(
                        vectors ->
                            files.codecs().stream()
                                .map(codec -> new PartFormat(files, vectors, codec))));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void whatIsWrittenIsRead(PartFormat format) throws IOException {
    Path folder = write(format, "20260101T000000Z", CAT, DOG);
    List<Embedding> read = new ArrayList<>();

    for (PartFile part : DatasetRun.list(dataset.toString()).get(0).parts()) {
      part.read(record -> read.add(EmbeddingRecord.toEmbedding(record)));
    }

    assertThat(read)
        .containsExactlyInAnyOrder(rounded(CAT, format.vectors()), rounded(DOG, format.vectors()));
    for (Path part : parts(folder)) {
      if (format.files().code().equals("avro")) {
        assertIsAvro(part, format);
      } else {
        assertIsParquet(part, format);
      }
    }
  }

  /** A run of few images has one part, whatever the parallelism; a larger one has more. */
  @Test
  void partsHaveASize() throws IOException {
    Embedding[] many = new Embedding[3_000];
    for (int i = 0; i < many.length; i++) {
      many[i] = embedding(i + ".png", null, i, 1, 2);
    }
    PartFormat small = PartFormat.DEFAULT.withMegabytes(1);
    assertThat(parts(write(small, "20260101T000000Z", many))).hasSize(1);
    assertThat(small.parts(3_000, 3)).isEqualTo(1);
    assertThat(small.parts(20_000, 3)).isEqualTo(5);
    assertThat(PartFormat.DEFAULT.withMegabytes(192).parts(100_000_000, 2_048)).isEqualTo(4_397);
    assertThat(small.parts(0, 2_048)).isEqualTo(1);
    assertThatThrownBy(() -> small.withMegabytes(-1)).hasMessageContaining("not -1");
  }

  /** Records are updated alike whatever their blocks are compressed by. */
  private static Stream<PartFormat> uncompressedFormats() {
    return formats().filter(format -> format.codec().equals("none"));
  }

  @ParameterizedTest
  @MethodSource("uncompressedFormats")
  void anUpdatedRecordHasTheVectorThatItHad(PartFormat format) throws IOException {
    Embedding fox = embedding("fox.png", "fox", 0.3f, 0.7f, -0.9f);
    int run = 1;
    for (PartFormat before : List.of(PartFormat.DEFAULT, format)) {
      write(before, "2026010%dT000000Z".formatted(run++), CAT, DOG, fox);
      RunSpec spec = spec("2026010%dT000000Z".formatted(run++));
      Pipeline pipeline = DirectPipeline.unchecked();
      PCollectionTuple.of(WriteRun.EMBEDDINGS, pipeline.apply(Create.empty(EmbeddingCoder.of())))
          .and(
              WriteRun.UPDATED, pipeline.apply("Updates", Create.of(updates("cat.png", "fox.png"))))
          .apply(WriteRun.of(spec, format, QualityGates.NONE));
      pipeline.run().waitUntilFinish();

      assertReads(
          rounded(moved(CAT), format.vectors()),
          rounded(DOG, before.vectors()),
          rounded(moved(fox), format.vectors()));
      assertThat(RunManifest.read(new BeamFileStore(spec.folder())).counts())
          .isEqualTo(new RunManifest.Counts(2, 0, 0, 2, 0, 0));
    }
  }

  private static Embedding moved(Embedding embedding) {
    return embedding.toBuilder().setUri("/moved").setLabel("pet").build();
  }

  /** Says what is to become of records of the newest run. */
  private List<UpdateRecords.Update> updates(String... ids) throws IOException {
    List<UpdateRecords.Update> updates = new ArrayList<>();
    for (PartFile part : DatasetRun.list(dataset.toString()).get(0).parts()) {
      long[] number = {0};
      part.read(
          record -> {
            if (List.of(ids).contains(record.get("id").toString())) {
              updates.add(
                  new UpdateRecords.Update(part.file().toString(), number[0], "/moved", "pet"));
            }
            number[0]++;
          });
    }
    return updates;
  }

  @Test
  void aRunThatWasGivenUpIsNotPublished() throws IOException {
    RunSpec spec =
        new RunSpec(dataset.toString(), "m", "20260101T000000Z", 0, 3, Map.of(), Map.of());
    Pipeline pipeline = DirectPipeline.unchecked();
    PCollectionTuple.of(WriteRun.EMBEDDINGS, pipeline.apply(Create.of(CAT)))
        .apply(WriteRun.of(spec, PartFormat.DEFAULT, QualityGates.NONE));

    assertThatThrownBy(() -> pipeline.run().waitUntilFinish()).hasMessageContaining("given up");
    assertThat(Path.of(spec.folder(), "_SUCCESS")).doesNotExist();
  }

  @Test
  void readersBelieveTheManifest() throws IOException {
    Path folder = write(PartFormat.DEFAULT, "20260101T000000Z", CAT, DOG);
    Path part = parts(folder).get(0);
    Files.copy(part, folder.resolve("part-leftover.avro"));
    assertReads(CAT, DOG);

    byte[] bytes = Files.readAllBytes(part);
    Files.write(part, Arrays.copyOf(bytes, bytes.length - 1));
    assertThatThrownBy(() -> CurrentView.of(dataset.toString()).load())
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(part.getFileName().toString(), "bytes, but _MANIFEST.json says");

    Files.delete(part);
    assertThatThrownBy(() -> CurrentView.of(dataset.toString()).load())
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(part.getFileName().toString(), "is missing");
  }

  private static void assertIsAvro(Path part, PartFormat format) throws IOException {
    assertThat(part.toString()).endsWith(".avro");
    try (DataFileReader<GenericRecord> reader =
        new DataFileReader<>(part.toFile(), new GenericDatumReader<>())) {
      assertThat(reader.getSchema()).isEqualTo(EmbeddingRecord.schema(format.vectors()));
      String expected = format.codec().equals("none") ? "null" : format.codec();
      assertThat(reader.getMetaString("avro.codec")).isEqualTo(expected);
      assertThat(reader.getMetaString("simclr.format_version")).isEqualTo("1");
    }
  }

  private static void assertIsParquet(Path part, PartFormat format) throws IOException {
    assertThat(part.toString()).endsWith(".parquet");
    CompressionCodecName expected =
        switch (format.codec()) {
          case "deflate" -> CompressionCodecName.GZIP;
          case "zstandard" -> CompressionCodecName.ZSTD;
          case "snappy" -> CompressionCodecName.SNAPPY;
          default -> CompressionCodecName.UNCOMPRESSED;
        };
    try (ParquetFileReader reader =
        ParquetFileReader.open(new LocalInputFile(part), PLAIN_PARQUET)) {
      reader
          .getFooter()
          .getBlocks()
          .forEach(
              block ->
                  assertThat(block.getColumns()).allMatch(column -> column.getCodec() == expected));
      assertThat(reader.getFileMetaData().getKeyValueMetaData())
          .containsEntry("simclr.format_version", "1");
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
        new PartFormat(FileFormat.of("parquet"), VectorFormat.FLOAT16, "snappy"),
        "20260102T000000Z",
        newDog);
    write(
        new PartFormat(FileFormat.of("avro"), VectorFormat.INT8, "none"), "20260103T000000Z", fox);

    assertReads(CAT, newDog, rounded(fox, VectorFormat.INT8));
    assertThat(CurrentView.of(dataset.toString()).load().size()).isEqualTo(3);
  }

  /** Writes a run and changes what its parts say of their version. */
  private List<Path> partsSaying(String version, String format) throws IOException {
    PartFormat files = new PartFormat(FileFormat.of(format), VectorFormat.FLOAT32, "deflate");
    List<Path> parts = parts(write(files, "20260101T000000Z", CAT));
    for (Path part : parts) {
      String before = Files.readString(part, ISO_8859_1);
      String after = before.replaceAll("simclr(\\.format_version[^0-9]{1,2})1", version);
      assertThat(after).isNotEqualTo(before);
      Files.writeString(part, after, ISO_8859_1);
    }
    return parts;
  }

  /** Files of before there were versions have none. */
  @ParameterizedTest
  @ValueSource(strings = {"avro", "parquet"})
  void partsWithoutAVersionAreRead(String format) throws IOException {
    partsSaying("others$1" + 9, format);

    assertThat(CurrentView.of(dataset.toString()).load().size()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"avro", "parquet"})
  void partsOfANewerFormatAreRefused(String format) throws IOException {
    for (Path part : partsSaying("simclr$1" + 2, format)) {
      assertThatThrownBy(() -> PartFile.of(part.toString()).read(record -> {}))
          .isInstanceOf(NewerFormatException.class)
          .hasMessageContainingAll(part + " has format version 2", "up to version 1", "newer");
    }
  }

  @Test
  void aFileOfAnotherFormatIsNotTakenForAvro() throws IOException {
    Path folder = write(PartFormat.DEFAULT, "20260101T000000Z", CAT);
    Path other = Files.writeString(folder.resolve("part-0.orc"), "ORC");
    Files.delete(folder.resolve("_SUCCESS"));
    TestRuns.publish(folder);

    assertThatThrownBy(() -> CurrentView.of(dataset.toString()).load())
        .isInstanceOf(UnknownFormatException.class)
        .hasMessageContaining(other + " is of no format that is known here")
        .hasMessageContaining("avro, parquet");
    assertThatThrownBy(() -> FileFormat.of("orc"))
        .hasMessage("there is no file format 'orc'; there are avro, parquet");
  }

  /** A store that does not answer has not damaged what it holds. */
  @ParameterizedTest
  @ValueSource(strings = {"avro", "parquet"})
  void aPartThatCannotBeReadNowIsNotTakenForADamagedOne(String format) throws IOException {
    RemoteFiles.clear();
    PartFormat files = new PartFormat(FileFormat.of(format), VectorFormat.FLOAT32, "deflate");
    byte[] bytes = Files.readAllBytes(parts(write(files, "20260101T000000Z", CAT)).get(0));
    PartFile part = PartFile.of(RemoteFiles.put("part-0." + format, bytes));
    List<Embedding> read = new ArrayList<>();
    part.read(record -> read.add(EmbeddingRecord.toEmbedding(record)));
    assertThat(read).containsExactly(CAT);

    RemoteFiles.beforeRead(
        (uri, from, to) -> {
          throw new IOException("connection reset");
        });
    assertThatThrownBy(() -> part.read(record -> {}))
        .isInstanceOf(UncheckedIOException.class)
        .hasRootCauseMessage("connection reset");

    RemoteFiles.clear();
    String cut = RemoteFiles.put("part-0." + format, Arrays.copyOf(bytes, bytes.length / 2));
    assertThatThrownBy(() -> PartFile.of(cut).read(record -> {}))
        .isInstanceOf(DamagedDatasetException.class)
        .hasMessageContaining(cut + " is damaged: ");
  }

  @Test
  void aFormatHasItsCodecs() {
    assertThatThrownBy(() -> new PartFormat(FileFormat.of("avro"), VectorFormat.INT8, "lzma"))
        .hasMessage("avro files have no codec 'lzma'; they have deflate, zstandard, snappy, none");
  }

  @Test
  void aRunIsOfOneModel() {
    Embedding other = CAT.toBuilder().setModelId("x").build();

    assertThatThrownBy(() -> write(PartFormat.DEFAULT, "20260101T000000Z", CAT, other))
        .hasMessageContaining("cat.png is of model x, but the run is of model m");
  }
}
