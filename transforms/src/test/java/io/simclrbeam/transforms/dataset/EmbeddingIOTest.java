package io.simclrbeam.transforms.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.TestRuns;
import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.rejects.Reject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.testing.CoderProperties;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.transforms.display.HasDisplayData;
import org.apache.beam.sdk.transforms.windowing.FixedWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TimestampedValue;
import org.joda.time.Duration;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddingIOTest {
  @TempDir private Path dataset;

  private static Embedding embedding(String id, String model, float... vector) {
    return TestEmbedding.of(id, vector)
        .setLabel(id.equals("a") ? null : "class of " + id)
        .setModelId(model)
        .build();
  }

  private void write(String model, String run, boolean finished, GenericRecord... records)
      throws IOException {
    Path folder = Files.createDirectories(dataset.resolve("model=" + model + "/run=" + run));
    // Two parts, so that none is taken for the whole.
    for (int part = 0; part < 2; part++) {
      try (DataFileWriter<GenericRecord> writer =
          new DataFileWriter<>(new GenericDatumWriter<>(EmbeddingRecord.SCHEMA))) {
        writer.create(EmbeddingRecord.SCHEMA, folder.resolve("part-" + part + ".avro").toFile());
        for (int i = part; i < records.length; i += 2) {
          writer.append(records[i]);
        }
      }
    }
    if (finished) {
      TestRuns.publish(folder);
    }
  }

  private static GenericRecord record(Embedding embedding) {
    return EmbeddingRecord.of(embedding, VectorFormat.FLOAT32);
  }

  private static GenericRecord deleted(String id, String model) {
    GenericRecord record = record(embedding(id, model));
    record.put("content_sha256", "");
    record.put("embedding", null);
    return record;
  }

  private void assertReads(EmbeddingIO.Read read, Embedding... expected) {
    Pipeline pipeline = DirectPipeline.checked();
    PAssert.that(pipeline.apply(read.from(dataset.toString()))).containsInAnyOrder(expected);
    pipeline.run().waitUntilFinish();
  }

  @Test
  void readsTheNewestFinishedRecordOfEveryImageThatIsStillThere() throws IOException {
    Embedding a = embedding("a", "m", 1, 2);
    Embedding b = embedding("b", "m", 3, 4);
    Embedding newB = embedding("b", "m", 5, 6);
    Embedding c = embedding("c", "m", 7, 8);
    Embedding d = embedding("d", "m", 9, 10);
    write("m", "20260102T000000Z", true, deleted("c", "m"), record(newB));
    write("m", "20260101T000000Z", true, record(a), record(b), record(c), record(d));
    write("m", "20260103T000000Z", false, deleted("a", "m"));
    write("other", "20251231T000000Z", true, record(embedding("a", "other", 11)));

    assertReads(EmbeddingIO.read(), a, newB, d);
    assertReads(EmbeddingIO.read().withModel("other"), embedding("a", "other", 11));
  }

  @Test
  void anImageThatIsBackAfterItWasDeletedIsThere() throws IOException {
    Embedding a = embedding("a", "m", 1, 2);
    write("m", "20260101T000000Z", true, record(a));
    write("m", "20260102T000000Z", true, deleted("a", "m"));
    write("m", "20260103T000000Z", true, record(a));
    assertReads(EmbeddingIO.read(), a);
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    assertThatThrownBy(() -> assertReads(EmbeddingIO.read()))
        .hasMessageContaining("there is no embedding data set in " + dataset);
    write("m", "20260101T000000Z", false, record(embedding("a", "m", 1)));
    assertThatThrownBy(() -> assertReads(EmbeddingIO.read()))
        .hasMessageContaining("no run in %s is finished".formatted(dataset));
    write("m", "20260102T000000Z", true, record(embedding("a", "m", 1)));
    assertThatThrownBy(() -> assertReads(EmbeddingIO.read().withModel("x")))
        .hasMessageContaining("no finished run in %s is of model x".formatted(dataset));
    assertThatThrownBy(() -> DirectPipeline.checked().apply(EmbeddingIO.read()))
        .hasMessageContaining("call from(folder)");
  }

  @Test
  void theCoderKeepsEverything() throws Exception {
    for (Embedding embedding :
        List.of(embedding("a", "m", 1.5f, -0.0f, Float.MIN_VALUE), embedding("b", "m"))) {
      CoderProperties.coderDecodeEncodeEqual(EmbeddingCoder.of(), embedding);
    }
    assertThat(EmbeddingRecord.toEmbedding(record(embedding("b", "m", 1, 2))))
        .isEqualTo(embedding("b", "m", 1, 2));
  }

  private EmbeddingIO.Write to() {
    return EmbeddingIO.write().to(dataset.toString()).withModel("m", 2);
  }

  private PCollection<Boolean> write(
      Pipeline pipeline, UnaryOperator<EmbeddingIO.Write> with, Embedding... embeddings) {
    return pipeline
        .apply(Create.of(List.of(embeddings)).withCoder(EmbeddingCoder.of()))
        .apply(with.apply(to()));
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Embedding a = embedding("a", "m", 1, 2);
    Embedding b = embedding("b", "m", 3, 4);
    Embedding newB = embedding("b", "m", 5, 6);
    Embedding c = embedding("c", "m", 7, 8);
    Pipeline first = DirectPipeline.checked();
    PAssert.that(write(first, write -> write, a, b)).containsInAnyOrder(true);
    first.run().waitUntilFinish();
    assertReads(EmbeddingIO.read(), a, b);

    Pipeline second = DirectPipeline.checked();
    PCollection<KV<String, String>> gone = second.apply("Gone", Create.of(KV.of("a", "/images/a")));
    PCollection<GenericRecord> rejects =
        second.apply(
            "Rejects",
            Create.of(Reject.of("/images/x", "x", "mine", RejectReason.TRUNCATED, "ends early"))
                .withCoder(AvroCoder.of(Reject.SCHEMA)));
    PAssert.that(
            write(
                second,
                write ->
                    write
                        .withFormat(FileFormat.of("parquet"))
                        .withVectors(VectorFormat.FLOAT16)
                        .withCodec("snappy")
                        .withSettings(Map.of("source", "a test"))
                        .withDeletions(gone)
                        .withRejects(rejects),
                newB,
                c))
        .containsInAnyOrder(true);
    second.run().waitUntilFinish();

    assertReads(EmbeddingIO.read(), newB, c);
    List<RunFolder> runs = RunFolder.list(dataset.toString());
    assertThat(runs).extracting(RunFolder::state).containsOnly(RunFolder.State.PUBLISHED);
    RunManifest manifest = RunManifest.read(runs.get(1).store());
    assertThat(manifest.counts()).isEqualTo(new RunManifest.Counts(3, 2, 0, 0, 1, 1));
    assertThat(manifest.settings()).isEqualTo(Map.of("source", "a test"));
    assertThat(runs.get(1).files())
        .contains("_rejects-embed-00000-of-00001.avro")
        .doesNotContain("_RUNNING")
        .filteredOn(name -> name.startsWith("part-"))
        .isNotEmpty()
        .allMatch(name -> name.endsWith(".parquet"));
    assertThat(dataset.resolve("model=m/_history.jsonl")).content().hasLineCount(2);
  }

  @Test
  void windowsDoNotMatter() {
    Embedding a = embedding("a", "m", 1, 2);
    Embedding b = embedding("b", "m", 3, 4);
    Pipeline pipeline = DirectPipeline.checked();
    PAssert.that(
            pipeline
                .apply(
                    Create.timestamped(
                            TimestampedValue.of(a, Instant.EPOCH),
                            TimestampedValue.of(b, Instant.ofEpochSecond(99)))
                        .withCoder(EmbeddingCoder.of()))
                .apply(Window.into(FixedWindows.of(Duration.standardSeconds(1))))
                .apply(to()))
        .containsInAnyOrder(true);
    pipeline.run().waitUntilFinish();

    assertReads(EmbeddingIO.read(), a, b);
  }

  @Test
  void aRunThatAGateHoldsBackIsNotRead() throws IOException {
    Pipeline pipeline = DirectPipeline.checked();
    PAssert.that(write(pipeline, write -> write)).containsInAnyOrder(false);
    pipeline.run().waitUntilFinish();

    assertThat(RunFolder.list(dataset.toString()))
        .extracting(RunFolder::state)
        .containsExactly(RunFolder.State.HELD_BACK);
    assertThatThrownBy(() -> assertReads(EmbeddingIO.read())).hasMessageContaining("is finished");
  }

  @Test
  void whatIsWrongIsSaidWhenThePipelineIsMade() {
    assertThatThrownBy(() -> EmbeddingIO.read().from(" "))
        .hasMessage("the folder must not be empty");
    assertThatThrownBy(() -> EmbeddingIO.write().to("")).hasMessage("the folder must not be empty");
    assertThatThrownBy(() -> EmbeddingIO.write().withModel("a/b", 0))
        .hasMessageContaining("but these are 'a/b' and 0");
    assertThatThrownBy(() -> EmbeddingIO.write().withCodec("lzma"))
        .hasMessageContaining("avro files have no codec 'lzma'");
    assertThatThrownBy(
            () ->
                DirectPipeline.checked()
                    .apply(Create.of(embedding("a", "m", 1)))
                    .apply(EmbeddingIO.write().to(dataset.toString())))
        .hasMessageContaining("call to(folder) and withModel(id, dimension)");
    assertThatThrownBy(
            () ->
                DirectPipeline.checked()
                    .apply(Create.of(embedding("a", "m", 1)))
                    .setIsBoundedInternal(PCollection.IsBounded.UNBOUNDED)
                    .apply(to()))
        .hasMessageContaining("takes bounded embeddings only");
    assertThat(dataset).isEmptyDirectory();
  }

  @Test
  void settingsAreDisplayed() {
    assertThat(displayed(EmbeddingIO.read().from("a").withModel("m")))
        .isEqualTo(Map.of("folder", "a", "model", "m"));
    assertThat(displayed(EmbeddingIO.write().to("a").withModel("m", 2)))
        .isEqualTo(
            Map.of(
                "folder", "a",
                "model", "m",
                "dimension", 2L,
                "format", "avro",
                "vectors", "float32",
                "codec", "deflate",
                "partMegabytes", 0L));
  }

  private static Map<String, Object> displayed(HasDisplayData transform) {
    Map<String, Object> items = new TreeMap<>();
    DisplayData.from(transform).items().forEach(item -> items.put(item.getKey(), item.getValue()));
    return items;
  }
}
