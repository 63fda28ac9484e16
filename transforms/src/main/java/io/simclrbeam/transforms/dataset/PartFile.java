package io.simclrbeam.transforms.dataset;

import io.simclrbeam.transforms.parquet.ParquetFile;
import io.simclrbeam.transforms.storage.BeamFiles;
import java.io.IOException;
import java.nio.channels.Channels;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.parquet.hadoop.ParquetReader;

/** An Avro or Parquet file of {@link EmbeddingRecord} records; its name says which. */
final class PartFile {
  private PartFile() {}

  /** Takes a record. */
  @FunctionalInterface
  interface Sink {
    void accept(GenericRecord record) throws IOException;
  }

  /**
   * Reads a file from its first record to its last.
   *
   * @throws IOException if it cannot be read or is no such file
   */
  static void read(ResourceId file, Sink sink) throws IOException {
    if (file.toString().endsWith(FileFormat.PARQUET.suffix())) {
      readParquet(file, sink);
    } else {
      readAvro(file, sink);
    }
  }

  private static void readParquet(ResourceId file, Sink sink) throws IOException {
    try (ParquetReader<GenericRecord> records = ParquetFile.open(file)) {
      for (GenericRecord record = records.read(); record != null; record = records.read()) {
        sink.accept(record);
      }
    }
  }

  private static void readAvro(ResourceId file, Sink sink) throws IOException {
    try (DataFileStream<GenericRecord> records =
        new DataFileStream<>(
            Channels.newInputStream(BeamFiles.open(file)), new GenericDatumReader<>())) {
      while (records.hasNext()) {
        sink.accept(records.next());
      }
    }
  }
}
