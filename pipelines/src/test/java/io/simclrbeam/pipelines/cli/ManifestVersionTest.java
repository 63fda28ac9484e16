package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.storage.FileKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands make of a manifest of another version of the program. */
final class ManifestVersionTest {
  private static final String INPUTS = "simclr.inputs";

  @TempDir private Path folder;

  @BeforeEach
  void index() {
    CommandRun.expecting(0, "sample", "--output=" + path("images"), "--images=12", "--size=8");
    CommandRun.expecting(
        0, "index", "--runner=direct", "--input=" + path("images"), "--output=" + path("index"));
  }

  @Test
  void aNewManifestSaysItsVersion() throws IOException {
    try (DataFileReader<GenericRecord> records = open(folder.resolve("index/manifest.avro"))) {
      assertThat(records.getMetaLong(FileKind.METADATA))
          .isEqualTo(FileKind.IMAGE_MANIFEST.version());
    }
  }

  @Test
  void aManifestWithoutAVersionIsRead() throws IOException {
    rewrite("old", null);
    CommandRun.expecting(0, "views", "--runner=direct", "--manifest=" + path("old"), sheet());
    assertThat(folder.resolve("views.png")).isNotEmptyFile();
  }

  @Test
  void aNewerManifestEndsWithBothVersionsAndWhatToDo() throws IOException {
    rewrite("newer", "99");
    String[] message = {
      path("newer") + "/manifest.avro has format version 99",
      "reads up to version " + FileKind.IMAGE_MANIFEST.version(),
      "a newer one"
    };
    assertThat(
            CommandRun.expecting(
                    2, "views", "--runner=direct", "--manifest=" + path("newer"), sheet())
                .err())
        .contains(message)
        .doesNotContain("--stacktrace");
    assertThat(
            CommandRun.expecting(
                    2,
                    "train",
                    "--runner=direct",
                    "--manifest=" + path("newer"),
                    "--model=" + path("model"),
                    "--steps=0")
                .err())
        .contains(message);
    assertThat(folder.resolve("model/manifest.avro")).doesNotExist();
  }

  private String sheet() {
    return "--output=" + path("views.png");
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private void rewrite(String name, @Nullable String version) throws IOException {
    Files.createDirectories(folder.resolve(name));
    try (DataFileReader<GenericRecord> records = open(folder.resolve("index/manifest.avro"));
        DataFileWriter<GenericRecord> writer =
            new DataFileWriter<>(new GenericDatumWriter<>(records.getSchema()))) {
      writer.setMeta(INPUTS, records.getMetaString(INPUTS));
      if (version != null) {
        writer.setMeta(FileKind.METADATA, version);
      }
      writer.create(records.getSchema(), folder.resolve(name).resolve("manifest.avro").toFile());
      for (GenericRecord record : records) {
        writer.append(record);
      }
    }
  }

  private static DataFileReader<GenericRecord> open(Path file) throws IOException {
    return new DataFileReader<>(file.toFile(), new GenericDatumReader<>());
  }
}
