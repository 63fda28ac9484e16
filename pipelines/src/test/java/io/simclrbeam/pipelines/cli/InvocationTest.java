package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.storage.FileKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InvocationTest {
  @TempDir Path temp;
  private Path manifest;

  /** Its version is no number. */
  @BeforeEach
  void writeAManifestThatNobodyForesaw() throws IOException {
    manifest = Files.createDirectory(temp.resolve("manifest"));
    Schema schema = SchemaBuilder.record("image").fields().endRecord();
    try (DataFileWriter<GenericRecord> records =
        new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
      records.setMeta(FileKind.METADATA, "none");
      records.create(schema, manifest.resolve("manifest.avro").toFile());
    }
  }

  private CommandRun train(String... more) {
    return CommandRun.of(
        Stream.concat(
                Stream.of(
                    "train",
                    "--runner=direct",
                    "--manifest=" + manifest,
                    "--model=" + temp.resolve("model")),
                Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void whatAJobReportsIsShownWithItsExitCode() {
    Path missing = temp.resolve("missing");

    CommandRun run = CommandRun.of("evaluate", "--train=" + missing, "--test=" + missing);

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err().lines())
        .containsExactly(
            "simclr evaluate: --train: there is no embedding data set in %s; embed makes one"
                .formatted(missing));
  }

  @Test
  void anUnforeseenFailureIsOneLineAndAHint() {
    CommandRun run = train();

    assertThat(run.exitCode()).isEqualTo(1);
    List<String> lines = run.err().lines().toList();
    assertThat(lines).hasSize(2).last().isEqualTo("Add --stacktrace to see where it happened.");
    assertThat(lines.get(0)).startsWith("simclr train: java.lang.NumberFormatException");
  }

  @Test
  void theStackTraceIsPrintedWhenAskedFor() {
    CommandRun run = train("--stacktrace");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("\tat io.simclrbeam.").doesNotContain("Add --stacktrace");
  }
}
