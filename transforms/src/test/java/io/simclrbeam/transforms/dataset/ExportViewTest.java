package io.simclrbeam.transforms.dataset;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.TestRuns;
import io.simclrbeam.model.embed.VectorFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.io.FileIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares what is exported with what {@link #currentEmbeddings} finds by going back in time. */
final class ExportViewTest {
  private static final String ODD = "odd, \"quoted\"\r\nname\\n ü.jpg";

  @TempDir private Path dataset;
  @TempDir private Path out;

  private record Run(String name, VectorFormat vectors, List<GenericRecord> records) {}

  private final List<Run> runs = new ArrayList<>();

  @BeforeEach
  void writeRuns() throws IOException {
    write(
        "1",
        "avro",
        VectorFormat.FLOAT32,
        embedding("gone", "x", 1, 2, 3),
        embedding("a", null, 1, 2, 3),
        embedding(ODD, "", 1e-20f, Float.MAX_VALUE, -0f),
        embedding("b", "class, b", 4, 5, 6));
    write("2", "parquet", VectorFormat.FLOAT16, embedding("b", "class b", 0.1f, 7, 8));
    write("3", "avro", VectorFormat.INT8, embedding("c", " c\nd ", 9, 10, 11));
    write("4", "avro", VectorFormat.FLOAT32, embedding("held back", null, 0, 0, 0));
    Files.delete(dataset.resolve("model=m/run=4/_SUCCESS"));
    runs.remove(3);
  }

  private static Embedding embedding(String id, @Nullable String label, float... vector) {
    return TestEmbedding.of(id, vector).setLabel(label).build();
  }

  /** Writes each embedding to a part of its own; with them, "gone" is deleted by the run 2. */
  private void write(String run, String format, VectorFormat vectors, Embedding... embeddings)
      throws IOException {
    List<GenericRecord> records = new ArrayList<>();
    for (Embedding embedding : embeddings) {
      records.add(EmbeddingRecord.of(embedding, vectors));
    }
    if (run.equals("2")) {
      records.add(EmbeddingRecord.deleted("gone", "/images/gone", "m", 0, vectors));
    }
    runs.add(new Run(run, vectors, records));
    Path folder = Files.createDirectories(dataset.resolve("model=m/run=" + run));
    for (int i = 0; i < records.size(); i++) {
      Path part = folder.resolve("part-0000%d-of-0000%d.%s".formatted(i, records.size(), format));
      try (FileChannel channel =
          FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        FileIO.Sink<GenericRecord> sink =
            FileFormat.of(format).sink(EmbeddingRecord.schema(vectors), "none");
        sink.open(channel);
        sink.write(records.get(i));
        sink.flush();
      }
    }
    TestRuns.publish(folder);
  }

  /** What is current is what the newest run that knows of an image says. */
  private List<Embedding> currentEmbeddings() {
    List<Embedding> current = new ArrayList<>();
    Set<String> known = new HashSet<>();
    for (int i = runs.size() - 1; i >= 0; i--) {
      for (GenericRecord record : runs.get(i).records()) {
        Embedding embedding = EmbeddingRecord.toEmbedding(record);
        if (known.add(record.get("id").toString()) && embedding != null) {
          current.add(embedding);
        }
      }
    }
    assertThat(current).hasSize(4);
    return current;
  }

  private Path export(String name) throws IOException {
    Path file = out.resolve(name);
    long images = ExportView.to(file.toString()).write(CurrentView.of(dataset.toString()));
    assertThat(images).isEqualTo(4);
    return file;
  }

  @Test
  void parquetHasTheRecordsWithVectorsOfFloat32() throws IOException {
    Path file = export("all.parquet");

    List<Embedding> read = new ArrayList<>();
    PartFile.of(file.toString()).read(record -> read.add(EmbeddingRecord.toEmbedding(record)));

    assertThat(read).containsExactlyInAnyOrderElementsOf(currentEmbeddings());
  }

  @Test
  void csvIsQuotedSoThatAllTextsComeBack() throws IOException {
    List<List<String>> rows = parseCsv(Files.readString(export("all.csv"), UTF_8));

    assertThat(rows.remove(0)).containsExactly("id", "label", "uri", "e0", "e1", "e2");
    List<List<String>> expected = new ArrayList<>();
    for (Embedding image : currentEmbeddings()) {
      List<String> row = new ArrayList<>();
      row.add(image.id());
      row.add(image.label() == null ? "no label" : image.label());
      row.add(image.uri());
      for (float number : image.vector()) {
        row.add(Float.toString(number));
      }
      expected.add(row);
    }
    assertThat(rows).containsExactlyInAnyOrderElementsOf(expected);
  }

  /** Reads a text by the grammar of RFC 4180; an empty field without quotes is no label. */
  private static List<List<String>> parseCsv(String text) {
    List<List<String>> rows = new ArrayList<>();
    List<String> row = new ArrayList<>();
    Matcher field =
        Pattern.compile("(?:\"((?:[^\"]|\"\")*)\"|([^\",\\r\\n]*))(,|\\n)").matcher(text);
    int end = 0;
    while (end < text.length()) {
      assertThat(field.find(end) && field.start() == end).as("at %s", end).isTrue();
      String quoted = field.group(1);
      row.add(
          quoted != null
              ? quoted.replace("\"\"", "\"")
              : field.group(2).isEmpty() ? "no label" : field.group(2));
      if (field.group(3).equals("\n")) {
        rows.add(row);
        row = new ArrayList<>();
      }
      end = field.end();
    }
    return rows;
  }

  @Test
  void npyHasTheNumbersAndFilesBesideItWhoseTheyAre() throws IOException {
    Path file = export("all.NPY");

    ByteBuffer npy = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[8];
    npy.get(magic);
    assertThat(magic).isEqualTo("\u0093NUMPY\1\0".getBytes(ISO_8859_1));
    byte[] header = new byte[npy.getShort()];
    npy.get(header);
    assertThat(npy.position() % 64).isZero();
    assertThat(new String(header, UTF_8))
        .matches("\\{'descr': '<f4', 'fortran_order': False, 'shape': \\(4, 3\\), } *\n");
    List<String> ids = Files.readAllLines(out.resolve("all.NPY.ids.txt"));
    List<String> labels = Files.readAllLines(out.resolve("all.NPY.labels.txt"));
    assertThat(npy.remaining()).isEqualTo(4 * 3 * Float.BYTES);
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      float[] vector = {npy.getFloat(), npy.getFloat(), npy.getFloat()};
      rows.add(ids.get(i) + "|" + labels.get(i) + "|" + Arrays.toString(vector));
    }
    List<String> expected = new ArrayList<>();
    for (Embedding image : currentEmbeddings()) {
      String label = image.label() == null ? "" : image.label();
      expected.add(
          escaped(image.id()) + "|" + escaped(label) + "|" + Arrays.toString(image.vector()));
    }
    assertThat(rows).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(labels).hasSameSizeAs(ids);
  }

  private static String escaped(String text) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      line.append(c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\\' ? "\\\\" : "" + c);
    }
    return line.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "csv", "npy"})
  void theSameDataSetGivesTheSameBytes(String ending) throws IOException {
    assertThat(export("first." + ending)).hasSameBinaryContentAs(export("second." + ending));
    try (Stream<Path> files = Files.list(out)) {
      assertThat(files).hasSize(ending.equals("npy") ? 6 : 2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "csv", "npy"})
  void aDataSetWithoutImagesGivesNoRows(String ending) throws IOException {
    write("5", "avro", VectorFormat.FLOAT32);
    Path folder = Files.createDirectories(dataset.resolve("model=empty/run=6"));
    TestRuns.publish(folder);
    Path file = out.resolve("none." + ending);

    assertThat(ExportView.to(file.toString()).write(CurrentView.of(dataset.toString()))).isZero();

    assertThat(file).isNotEmptyFile();
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void aDamagedPartIsNamedAndLeavesNothingButTheLastExport(Damage damage) throws IOException {
    export("all.csv");
    export("all.npy");
    String before = Files.readString(out.resolve("all.csv"));
    Path part = dataset.resolve("model=m/run=" + damage.run).resolve(damage.part);
    byte[] bytes = Files.readAllBytes(part);
    damage.harm(bytes);
    Files.write(part, bytes);

    for (String name : List.of("all.csv", "new.csv", "new.parquet", "all.npy")) {
      assertThatThrownBy(() -> export(name))
          .isInstanceOf(DamagedDatasetException.class)
          .hasMessageContainingAll(part.toString(), "is damaged", "Restore it");
    }

    assertThat(out.resolve("all.csv")).hasContent(before);
    assertThat(out.resolve("all.npy")).as("ids would be those of another one").doesNotExist();
    try (Stream<Path> files = Files.list(out)) {
      assertThat(files)
          .extracting(file -> file.getFileName().toString())
          .containsExactlyInAnyOrder("all.csv", "all.npy.ids.txt", "all.npy.labels.txt");
    }
  }

  private enum Damage {
    AVRO_HEADER("1", "part-00003-of-00004.avro") {
      @Override
      void harm(byte[] bytes) {
        bytes[0]++;
      }
    },
    AVRO_BLOCK("1", "part-00003-of-00004.avro") {
      @Override
      void harm(byte[] bytes) {
        bytes[bytes.length - 1]++; // of the sync marker
      }
    },
    PARQUET_FOOTER("2", "part-00000-of-00002.parquet") {
      @Override
      void harm(byte[] bytes) {
        Arrays.fill(bytes, bytes.length - 8, bytes.length, (byte) 0);
      }
    };

    private final String run;
    private final String part;

    Damage(String run, String part) {
      this.run = run;
      this.part = part;
    }

    abstract void harm(byte[] bytes);
  }

  @Test
  void vectorsOfSeveralLengthsAreNoTable() throws IOException {
    write("5", "avro", VectorFormat.FLOAT32, embedding("long", null, 1, 2, 3, 4));

    assertThatThrownBy(() -> export("all.csv"))
        .isInstanceOf(DamagedDatasetException.class)
        .hasMessageContaining("of long and c have 4 and 3 numbers");
    assertThat(out).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"all.txt", "all", "parquet", "all.csv.gz", "all.npy/"})
  void otherFilesAreNotWritten(String name) {
    assertThatThrownBy(() -> ExportView.to(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(name, ".parquet, .csv or .npy");
  }
}
