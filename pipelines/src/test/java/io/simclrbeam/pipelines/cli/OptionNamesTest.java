package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options are named by the command line, not by what it is made of. */
final class OptionNamesTest {
  private static final Pattern OPTION = Pattern.compile("--[a-z]\\w*");

  @TempDir private Path folder;

  @Test
  void modelAndTransformsNameNone() throws IOException {
    Set<String> options =
        Simclr.commandLine().getSubcommands().values().stream()
            .flatMap(command -> command.getCommandSpec().options().stream())
            .map(option -> option.longestName())
            .collect(Collectors.toSet());
    assertThat(options).contains("--learningRate", "--device", "--imageField");
    for (String module : List.of("model", "transforms")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main"))) {
        for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
          assertThat(OPTION.matcher(Files.readString(file)).results().map(MatchResult::group))
              .as(file.toString())
              .doesNotContainAnyElementsOf(options);
        }
      }
    }
  }

  @Test
  void trainingThatDivergesNamesThoseThatMayHelp() {
    CommandRun.expecting(
        0, "sample", "--output=" + folder.resolve("images"), "--images=16", "--size=8");
    CommandRun run =
        CommandRun.expecting(
            4,
            "train",
            "--runner=direct",
            "--input=" + folder.resolve("images"),
            "--model=" + folder.resolve("model"),
            "--imageSize=8",
            "--width=0.0625",
            "--batchSize=8",
            "--optimizer=sgd",
            "--learningRate=1e30",
            "--steps=4");
    assertThat(run.err()).contains("A lower learning rate", "--learningRate", "--temperature");
  }

  @Test
  void recordsOfSeveralImagesNameThoseThatChooseAField() throws IOException {
    Schema schema =
        SchemaBuilder.record("Pair")
            .fields()
            .requiredBytes("left")
            .requiredBytes("right")
            .endRecord();
    Path avro = folder.resolve("pairs.avro");
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
      writer.create(schema, avro.toFile());
      writer.append(
          new GenericRecordBuilder(schema)
              .set("left", ByteBuffer.allocate(3))
              .set("right", ByteBuffer.allocate(3))
              .build());
    }
    CommandRun run =
        CommandRun.expecting(
            3,
            "index",
            "--runner=direct",
            "--input=" + avro,
            "--output=" + folder.resolve("index"));
    assertThat(run.err()).contains("--imageField and --labelField name the fields of records");
  }
}
