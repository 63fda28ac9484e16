package io.simclrbeam.pipelines.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.TestRuns;
import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import io.simclrbeam.transforms.dataset.CurrentView;
import io.simclrbeam.transforms.dataset.EmbeddingIO;
import io.simclrbeam.transforms.dataset.EmbeddingRecord;
import io.simclrbeam.transforms.dataset.FileFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Count;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Formats of files that this program does not bring, and versions that it does not know. */
final class FormatRunsTest {
  @TempDir private Path folder;

  private SmallDataset dataset() {
    return new SmallDataset(folder);
  }

  private String out() {
    return dataset().path("out");
  }

  @Test
  @SuppressWarnings("try") // the services are there until it is closed
  void aFormatOnTheClassPathIsWrittenAndRead() throws IOException {
    dataset().make();
    try (Services added =
        Services.with(folder.resolve("format"), FileFormat.class, JsonLines.class)) {
      assertThat(dataset().embed(2, out(), "--format=jsonl", "--codec=deflate").err())
          .contains("--codec is 'deflate', but must be auto or none");
      dataset().embed(0, out(), "--format=jsonl");
      assertThat(parts(".jsonl")).isPositive();
      assertThat(parts(".avro")).isZero();
      dataset().embed(0, dataset().path("avro"));
      assertSame(CurrentView.of(out()).load(), CurrentView.of(dataset().path("avro")).load());
      Files.copy(
          Path.of(getClass().getResource("/one-pixel.png").getPath()),
          folder.resolve("images/new.png"));

      assertThat(dataset().embed(2, out(), "--format=avro").err())
          .contains("--format=avro is not that of the data set, which is jsonl.");
      assertThat(dataset().embed(2, out(), "--vectors=float16").err())
          .contains("--vectors=float16 is not that of the data set, which is float32.");
      dataset().embed(0, out());
      assertThat(parts(".avro")).isZero();

      assertThat(CommandRun.expecting(0, "show", out()).out())
          .containsPattern("published +70 +0 ")
          .containsPattern("published +1 +70 ");
      Pipeline pipeline = Pipeline.create();
      PAssert.that(pipeline.apply(EmbeddingIO.read().from(out())).apply(Count.globally()))
          .satisfies(
              counts -> {
                assertThat(counts).containsExactly(71L);
                return null;
              });
      pipeline.run().waitUntilFinish();
      assertThat(CurrentView.of(out()).load().size()).isEqualTo(71);
    }

    for (String command : new String[] {"neighbors", "dedup"}) {
      CommandRun without =
          CommandRun.expecting(
              2,
              command,
              "--embeddings=" + out(),
              command.equals("dedup") ? "--output=" + folder.resolve("d") : "--query=new.png",
              command.equals("dedup") ? "--runner=direct" : "--k=1");
      assertThat(without.err())
          .startsWith("simclr %s: %s".formatted(command, out()))
          .contains(".jsonl is of no format that is known here; known are avro, parquet.");
    }
  }

  private static void assertSame(LabeledEmbeddings one, LabeledEmbeddings other) {
    LabeledEmbeddings actual = one.sortedById();
    LabeledEmbeddings expected = other.sortedById();
    assertThat(actual.ids()).isEqualTo(expected.ids());
    for (int row = 0; row < expected.size(); row++) {
      for (int i = 0; i < expected.dimension(); i++) {
        assertThat(actual.get(row, i)).isEqualTo(expected.get(row, i));
      }
    }
  }

  private long parts(String suffix) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(out()))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("part-") && name.endsWith(suffix))
          .count();
    }
  }

  private Path run() throws IOException {
    Path run = Files.createDirectories(folder.resolve("out/model=m/run=20260101T000000Z"));
    TestRuns.publish(run);
    return run;
  }

  @Test
  void aManifestOfANewerFormatIsRefused() throws IOException {
    Path manifest =
        Files.writeString(
            run().resolve("_MANIFEST.json"), "{\"format_version\": 2, \"counts\": []}", UTF_8);

    for (CommandRun run :
        new CommandRun[] {
          CommandRun.expecting(2, "show", out()),
          CommandRun.expecting(2, "neighbors", "--embeddings=" + out(), "--query=a")
        }) {
      assertThat(run.err())
          .contains(
              manifest + " has format version 2, but this program reads up to version 1. A newer")
          .doesNotContain("--stacktrace");
    }
  }

  @Test
  void aPartOfANewerFormatIsRefused() throws IOException {
    Path run = run();
    Path part = run.resolve("part-0.avro");
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<>(EmbeddingRecord.SCHEMA))) {
      writer.setMeta("simclr.format_version", "2").create(EmbeddingRecord.SCHEMA, part.toFile());
    }
    TestRuns.publish(run);

    for (CommandRun command :
        new CommandRun[] {
          CommandRun.expecting(2, "evaluate", "--train=" + out(), "--test=" + out()),
          CommandRun.expecting(
              2,
              "dedup",
              "--embeddings=" + out(),
              "--output=" + folder.resolve("dedup"),
              "--runner=direct")
        }) {
      assertThat(command.err())
          .contains(part + " has format version 2, but this program reads up to version 1.");
    }
  }
}
