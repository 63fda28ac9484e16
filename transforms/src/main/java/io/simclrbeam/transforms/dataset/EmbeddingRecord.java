package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.embed.PackedVector;
import io.simclrbeam.model.embed.VectorFormat;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaBuilder.FieldAssembler;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The Avro record of an embedded image, or of one that is gone since an earlier run: then {@code
 * embedding} is null and {@code content_sha256} empty.
 *
 * <p>There is a schema for each format of vectors, in which {@code embedding} is of one type or
 * null, rather than one schema with a union of both types. All readers turn a type or null into a
 * column that may be null. A larger union becomes a struct in Spark and a record in BigQuery, with
 * a field for each type, and Parquet has no unions. Every query would have to look into all fields.
 */
public final class EmbeddingRecord {
  private static final String SCALE = "scale";
  private static final List<String> VECTOR_FIELDS = List.of("embedding", SCALE);

  /**
   * The schema with vectors of float32. The fields are {@code id, uri, label, content_sha256,
   * width, height, model_id, embedded_at, embedding}.
   */
  public static final Schema SCHEMA =
      fields().name("embedding").type(orNull(floats())).withDefault(null).endRecord();

  /** The same with bytes, and with {@code scale}: null for float16, not null for int8. */
  private static final Schema PACKED_SCHEMA =
      fields()
          .name("embedding")
          .type(orNull(Schema.create(Schema.Type.BYTES)))
          .withDefault(null)
          .name(SCALE)
          .type(orNull(Schema.create(Schema.Type.FLOAT)))
          .withDefault(null)
          .endRecord();

  private EmbeddingRecord() {}

  private static FieldAssembler<Schema> fields() {
    return SchemaBuilder.record("Embedding")
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
        .noDefault();
  }

  private static Schema floats() {
    return Schema.createArray(Schema.create(Schema.Type.FLOAT));
  }

  private static Schema orNull(Schema type) {
    return Schema.createUnion(Schema.create(Schema.Type.NULL), type);
  }

  /** Returns the schema of records with vectors of a format. */
  public static Schema schema(VectorFormat vectors) {
    return vectors == VectorFormat.FLOAT32 ? SCHEMA : PACKED_SCHEMA;
  }

  /** Returns the record of an image. */
  static GenericRecord of(Embedding embedding, VectorFormat vectors) {
    GenericRecord record = new GenericData.Record(schema(vectors));
    record.put("id", embedding.id());
    record.put("uri", embedding.uri());
    record.put("label", embedding.label());
    record.put("content_sha256", embedding.contentSha256());
    record.put("width", embedding.width());
    record.put("height", embedding.height());
    record.put("model_id", embedding.modelId());
    record.put("embedded_at", embedding.embeddedAt().getMillis());
    switch (vectors) {
      case FLOAT32 -> record.put("embedding", list(embedding.vector()));
      case FLOAT16 -> put(PackedVector.float16(embedding.vector()), record);
      case INT8 -> put(PackedVector.int8(embedding.vector()), record);
    }
    return record;
  }

  private static List<Float> list(float[] vector) {
    List<Float> numbers = new ArrayList<>(vector.length);
    for (float number : vector) {
      numbers.add(number);
    }
    return numbers;
  }

  private static void put(PackedVector vector, GenericRecord record) {
    record.put("embedding", ByteBuffer.wrap(vector.bytes()));
    record.put(SCALE, vector.scale());
  }

  /**
   * Returns a record with another place and label. Its vector stays as it is if its format does.
   *
   * @param record of an image that is not gone
   * @param label null for none
   * @param vectors format of the new record
   */
  static GenericRecord updated(
      GenericRecord record, String uri, @Nullable String label, VectorFormat vectors) {
    Embedding embedding = Objects.requireNonNull(toEmbedding(record));
    GenericRecord updated = of(embedding.toBuilder().setUri(uri).setLabel(label).build(), vectors);
    if (vectors(record) == vectors) {
      for (String field : VECTOR_FIELDS) {
        if (updated.hasField(field)) {
          updated.put(field, record.get(field));
        }
      }
    }
    return updated;
  }

  /**
   * Returns a record with its vector in a format: the record itself if it has that.
   *
   * @param record of an image that may be gone
   */
  static GenericRecord in(VectorFormat vectors, GenericRecord record) {
    if (record.getSchema().equals(schema(vectors))
        && (record.get("embedding") == null || vectors(record) == vectors)) {
      return record;
    }
    Embedding embedding = toEmbedding(record);
    return embedding != null
        ? updated(record, embedding.uri(), embedding.label(), vectors)
        : deleted(
            record.get("id").toString(),
            record.get("uri").toString(),
            record.get("model_id").toString(),
            (Long) record.get("embedded_at"),
            vectors);
  }

  /** Returns the format of the vector of a record whose image is not gone. */
  private static VectorFormat vectors(GenericRecord record) {
    if (!record.hasField(SCALE)) {
      return VectorFormat.FLOAT32;
    }
    return record.get(SCALE) == null ? VectorFormat.FLOAT16 : VectorFormat.INT8;
  }

  /** Returns the record of an image that is gone. */
  static GenericRecord deleted(
      String id, String uri, String modelId, long seenAtMillis, VectorFormat vectors) {
    GenericRecord record = new GenericData.Record(schema(vectors));
    record.put("id", id);
    record.put("uri", uri);
    record.put("content_sha256", "");
    record.put("width", 0);
    record.put("height", 0);
    record.put("model_id", modelId);
    record.put("embedded_at", seenAtMillis);
    return record;
  }

  /** Returns what a record says; null if the image is gone. */
  static @Nullable Embedding toEmbedding(GenericRecord record) {
    float[] vector = vector(record);
    if (vector == null) {
      return null;
    }
    return Embedding.builder()
        .setId(record.get("id").toString())
        .setUri(record.get("uri").toString())
        .setLabel(label(record))
        .setContentSha256(record.get("content_sha256").toString())
        .setWidth((Integer) record.get("width"))
        .setHeight((Integer) record.get("height"))
        .setModelId(record.get("model_id").toString())
        .setEmbeddedAt(Instant.ofEpochMilli((Long) record.get("embedded_at")))
        .setVector(vector)
        .build();
  }

  /** Returns the label of a record; null if it has none. */
  static @Nullable String label(GenericRecord record) {
    Object label = record.get("label");
    return label == null ? null : label.toString();
  }

  /**
   * Returns the embedding of a record of any format; null if the image is gone.
   *
   * @throws IllegalArgumentException if it is neither an array of float nor bytes that make sense
   */
  static float @Nullable [] vector(GenericRecord record) {
    Object value = record.get("embedding");
    if (value == null) {
      return null;
    } else if (value instanceof List<?> numbers) {
      return array(numbers);
    } else if (value instanceof ByteBuffer bytes) {
      return unpack(bytes, record);
    }
    throw new IllegalArgumentException(
        "the embedding of %s is neither an array of float nor bytes".formatted(record.get("id")));
  }

  private static float[] array(List<?> numbers) {
    float[] vector = new float[numbers.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (Float) numbers.get(i);
    }
    return vector;
  }

  private static float[] unpack(ByteBuffer bytes, GenericRecord record) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    Object scale = record.hasField(SCALE) ? record.get(SCALE) : null;
    try {
      return new PackedVector(copy, (Float) scale).unpack();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the embedding of %s is broken: %s".formatted(record.get("id"), e.getMessage()), e);
    }
  }
}
