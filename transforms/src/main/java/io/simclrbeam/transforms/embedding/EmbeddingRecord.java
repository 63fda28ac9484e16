package io.simclrbeam.transforms.embedding;

import io.simclrbeam.transforms.images.ImageRef;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.jspecify.annotations.Nullable;

/** The Avro record of an embedded image. */
public final class EmbeddingRecord {
  /**
   * The fields {@code id, uri, label, content_sha256, width, height, model_id, embedded_at,
   * embedding}.
   */
  public static final Schema SCHEMA =
      SchemaBuilder.record("Embedding")
          .namespace("io.simclrbeam")
          .fields()
          .requiredString("id")
          .requiredString("uri")
          .optionalString("label")
          .requiredString("content_sha256")
          .requiredInt("width")
          .requiredInt("height")
          .requiredString("model_id")
          .name("embedded_at")
          .type(LogicalTypes.timestampMillis().addToSchema(Schema.create(Schema.Type.LONG)))
          .noDefault()
          .name("embedding")
          .type()
          .array()
          .items()
          .floatType()
          .noDefault()
          .endRecord();

  private EmbeddingRecord() {}

  /** Returns the record of an image. */
  static GenericRecord of(
      ImageRef image,
      @Nullable String label,
      String contentSha256,
      int width,
      int height,
      String modelId,
      long embeddedAtMillis,
      List<Float> embedding) {
    return new GenericRecordBuilder(SCHEMA)
        .set("id", image.id())
        .set("uri", image.uri())
        .set("label", label)
        .set("content_sha256", contentSha256)
        .set("width", width)
        .set("height", height)
        .set("model_id", modelId)
        .set("embedded_at", embeddedAtMillis)
        .set("embedding", new ArrayList<>(embedding))
        .build();
  }
}
