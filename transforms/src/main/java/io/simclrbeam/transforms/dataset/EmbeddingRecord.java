package io.simclrbeam.transforms.dataset;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The Avro record of an embedded image, or of one that is gone since an earlier run: then {@code
 * embedding} is null and {@code content_sha256} empty.
 */
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
          .unionOf()
          .nullType()
          .and()
          .array()
          .items()
          .floatType()
          .endUnion()
          .nullDefault()
          .endRecord();

  private EmbeddingRecord() {}

  /** Returns the record of an image. */
  static GenericRecord of(Embedding embedding) {
    List<Float> numbers = new ArrayList<>(embedding.vector().length);
    for (float number : embedding.vector()) {
      numbers.add(number);
    }
    return new GenericRecordBuilder(SCHEMA)
        .set("id", embedding.id())
        .set("uri", embedding.uri())
        .set("label", embedding.label())
        .set("content_sha256", embedding.contentSha256())
        .set("width", embedding.width())
        .set("height", embedding.height())
        .set("model_id", embedding.modelId())
        .set("embedded_at", embedding.embeddedAt().getMillis())
        .set("embedding", numbers)
        .build();
  }

  /** Returns the record of an image that is gone. */
  static GenericRecord deleted(String id, String uri, String modelId, long seenAtMillis) {
    return new GenericRecordBuilder(SCHEMA)
        .set("id", id)
        .set("uri", uri)
        .set("label", null)
        .set("content_sha256", "")
        .set("width", 0)
        .set("height", 0)
        .set("model_id", modelId)
        .set("embedded_at", seenAtMillis)
        .set("embedding", null)
        .build();
  }

  /** Returns what a record says; null if the image is gone. */
  static @Nullable Embedding toEmbedding(GenericRecord record) {
    float[] vector = vector(record);
    if (vector == null) {
      return null;
    }
    Object label = record.get("label");
    return Embedding.builder()
        .setId(record.get("id").toString())
        .setUri(record.get("uri").toString())
        .setLabel(label == null ? null : label.toString())
        .setContentSha256(record.get("content_sha256").toString())
        .setWidth((Integer) record.get("width"))
        .setHeight((Integer) record.get("height"))
        .setModelId(record.get("model_id").toString())
        .setEmbeddedAt(Instant.ofEpochMilli((Long) record.get("embedded_at")))
        .setVector(vector)
        .build();
  }

  /**
   * Returns the embedding of a record; null if the image is gone.
   *
   * @throws IllegalArgumentException if it is not an array of float
   */
  static float @Nullable [] vector(GenericRecord record) {
    Object value = record.get("embedding");
    if (value == null) {
      return null;
    }
    if (!(value instanceof List<?> numbers)) {
      throw new IllegalArgumentException(
          "the embedding of %s is not an array of float".formatted(record.get("id")));
    }
    float[] vector = new float[numbers.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (Float) numbers.get(i);
    }
    return vector;
  }
}
