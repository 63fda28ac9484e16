package io.simclrbeam.transforms.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.embed.VectorFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.testing.CoderProperties;
import org.apache.beam.sdk.testing.PAssert;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddingIOTest {
  @TempDir private Path dataset;

  private static Embedding embedding(String id, String model, float... vector) {
    return Embedding.builder()
        .setId(id)
        .setUri("/images/" + id)
        .setLabel(id.equals("a") ? null : "class of " + id)
        .setContentSha256("sha of " + id)
        .setWidth(30)
        .setHeight(20)
        .setModelId(model)
        .setEmbeddedAt(Instant.ofEpochMilli(1_700_000_000_123L))
        .setVector(vector)
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
      Files.createFile(folder.resolve("_SUCCESS"));
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
    Pipeline pipeline = Pipeline.create();
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
    assertThatThrownBy(() -> Pipeline.create().apply(EmbeddingIO.read()))
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
}
