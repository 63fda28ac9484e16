package io.simclrbeam.pipelines.evaluate;

import io.simclrbeam.model.TestRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.jspecify.annotations.Nullable;

/** Writes embedding data sets, as far as readers need to know them. */
record EmbeddingFolder(Path folder) {
  private static final Schema SCHEMA =
      SchemaBuilder.record("Embedding")
          .fields()
          .requiredString("id")
          .optionalString("label")
          .name("embedding")
          .type()
          .unionOf()
          .nullType()
          .and()
          .array()
          .items()
          .floatType()
          .endUnion()
          .nullDefault()
          .endRecord();

  record Image(String id, @Nullable String label, @Nullable List<Float> embedding) {}

  static Image image(String id, @Nullable String label, float... embedding) {
    List<Float> numbers = new ArrayList<>();
    for (float number : embedding) {
      numbers.add(number);
    }
    return new Image(id, label, numbers);
  }

  /** Adds a finished run. */
  EmbeddingFolder run(String model, String time, Image... images) throws IOException {
    Path run = unfinishedRun(model, time, "part-00000.avro", images);
    TestRuns.publish(run);
    return this;
  }

  Path unfinishedRun(String model, String time, String file, Image... images) throws IOException {
    Path run = folder.resolve("model=" + model).resolve("run=" + time);
    Files.createDirectories(run);
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<>(SCHEMA))) {
      writer.create(SCHEMA, run.resolve(file).toFile());
      for (Image image : images) {
        writer.append(
            new GenericRecordBuilder(SCHEMA)
                .set("id", image.id())
                .set("label", image.label())
                .set("embedding", image.embedding())
                .build());
      }
    }
    return run;
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
