package io.simclrbeam.transforms.rejects;

import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.storage.FileStore;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/** The Avro record of an image that could not be used. */
public final class Reject {
  /** The field with the name of the run that found out, if the image was not read again. */
  public static final String KNOWN_SINCE = "known_since";

  /** The fields {@code uri, id, stage, reason, detail, seen_at, known_since}. */
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
          .optionalString(KNOWN_SINCE)
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

  /** Returns the record of a run for a later one, which does not read the image again. */
  public static GenericRecord knownSince(String run, GenericRecord reject) {
    GenericRecordBuilder known = new GenericRecordBuilder(SCHEMA);
    for (Schema.Field field : SCHEMA.getFields()) {
      known.set(field, reject.hasField(field.name()) ? reject.get(field.name()) : null);
    }
    return known.set(KNOWN_SINCE, run).build();
  }

  /** Returns whether the image was not read again. Earlier versions read all. */
  public static boolean isKnown(GenericRecord reject) {
    return reject.hasField(KNOWN_SINCE) && reject.get(KNOWN_SINCE) != null;
  }

  /**
   * Writes {@code rejects-JOB-PART.avro}, replacing an earlier one: for files that one worker
   * writes at a time, where {@link WriteRejects} would write one for all.
   *
   * @param job the name that {@link RejectSummary#read} finds the records by
   * @param part tells the files of one job apart
   */
  public static void write(FileStore folder, String job, String part, List<GenericRecord> rejects)
      throws IOException {
    folder.write(
        "rejects-%s-%s.avro".formatted(job, part),
        out -> {
          try (DataFileWriter<GenericRecord> writer =
              new DataFileWriter<>(new GenericDatumWriter<>(SCHEMA))) {
            writer.create(SCHEMA, out);
            for (GenericRecord reject : rejects) {
              writer.append(reject);
            }
          }
        });
  }
}
