package io.simclrbeam.transforms.rejects;

import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.model.image.RejectedImageException;
import java.time.Clock;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/** The Avro record of an image that could not be used. */
public final class Reject {
  /** The fields {@code uri, id, stage, reason, detail, seen_at}. */
  public static final Schema SCHEMA =
      SchemaBuilder.record("Reject")
          .namespace("io.simclrbeam")
          .fields()
          .requiredString("uri")
          .requiredString("id")
          .requiredString("stage")
          .requiredString("reason")
          .requiredString("detail")
          .name("seen_at")
          .type(LogicalTypes.timestampMillis().addToSchema(Schema.create(Schema.Type.LONG)))
          .noDefault()
          .endRecord();

  private Reject() {}

  /**
   * Returns the record of an image.
   *
   * @param stage which part of which job found out
   */
  public static GenericRecord of(
      String uri, String id, String stage, RejectedImageException cause) {
    return of(uri, id, stage, cause.reason(), String.valueOf(cause.getMessage()));
  }

  /** Returns the record of a whole file, such as a damaged shard. */
  public static GenericRecord of(
      String uri, String id, String stage, RejectReason reason, String detail) {
    return new GenericRecordBuilder(SCHEMA)
        .set("uri", uri)
        .set("id", id)
        .set("stage", stage)
        .set("reason", reason.code())
        .set("detail", detail)
        .set("seen_at", Clock.systemUTC().millis())
        .build();
  }
}
