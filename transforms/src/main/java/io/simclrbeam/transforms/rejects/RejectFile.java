package io.simclrbeam.transforms.rejects;

import io.simclrbeam.model.storage.FileStore;
import java.io.IOException;
import java.util.List;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;

/** A file of {@link Reject} records that is written by one worker at one time. */
public final class RejectFile {
  private RejectFile() {}

  /**
   * Writes {@code rejects-JOB-PART.avro}, replacing an earlier one.
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
              new DataFileWriter<>(new GenericDatumWriter<>(Reject.SCHEMA))) {
            writer.create(Reject.SCHEMA, out);
            for (GenericRecord reject : rejects) {
              writer.append(reject);
            }
          }
        });
  }
}
