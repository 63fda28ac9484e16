package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.storage.FileKind;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * {@code _contents-*.avro} of a run, one for each part: its records in the same order, without
 * their vectors. So a later run compares its images without reading vectors. Runs of before there
 * were such files are compared by their parts.
 */
final class RunContents implements Closeable {
  private static final String PREFIX = "_contents-";

  private static final Schema SCHEMA =
      SchemaBuilder.record("Content")
          .namespace("io.simclrbeam")
          .fields()
          .requiredString("id")
          .requiredString("uri")
          .optionalString("label")
          .requiredString("content_sha256")
          .requiredBoolean("deleted")
          .endRecord();

  private final DataFileWriter<GenericRecord> writer;

  private RunContents(DataFileWriter<GenericRecord> writer) {
    this.writer = writer;
  }

  /** Returns the name of the file that belongs to a part. */
  static String nameFor(String part) {
    return PREFIX + part.substring(0, part.lastIndexOf('.')) + ".avro";
  }

  /** Begins a file. */
  static RunContents to(OutputStream out) throws IOException {
    return new RunContents(AvroFileFormat.writer(FileKind.RUN_CONTENTS, SCHEMA, out));
  }

  /** Adds what a record of the part says. */
  void add(GenericRecord record) throws IOException {
    GenericRecord content = new GenericData.Record(SCHEMA);
    content.put("id", record.get("id"));
    content.put("uri", record.get("uri"));
    content.put("label", record.get("label"));
    content.put("content_sha256", record.get("content_sha256"));
    content.put("deleted", record.get("embedding") == null);
    writer.append(content);
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  /** Takes what is known of a record. */
  @FunctionalInterface
  interface Handler {
    /**
     * Takes a record.
     *
     * @param record with the fields {@code id}, {@code uri}, {@code label} and {@code
     *     content_sha256}
     * @param deleted whether the image is gone
     */
    void accept(GenericRecord record, boolean deleted) throws IOException;
  }

  /** Reads the records of a part, in its order, without vectors if they were kept so. */
  static void read(DatasetRun.Part part, Handler handler) throws IOException {
    String contents = part.contents();
    if (contents == null) {
      PartFile.of(part.file())
          .read(record -> handler.accept(record, record.get("embedding") == null));
    } else {
      PartFile.readBeside(
          contents,
          FileKind.RUN_CONTENTS,
          SCHEMA,
          record -> handler.accept(record, (Boolean) record.get("deleted")));
    }
  }
}
