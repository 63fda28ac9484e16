package io.simclrbeam.transforms.dataset;

import com.google.auto.value.AutoValue;
import io.simclrbeam.transforms.parquet.ParquetSink;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.extensions.avro.io.AvroIO;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.Values;
import org.apache.beam.sdk.values.PCollection;

/**
 * Writes {@code part-*.avro} or {@code part-*.parquet} of {@link EmbeddingRecord} records to a
 * run's folder, each file whole or not at all. Yields the names of the files.
 */
@AutoValue
public abstract class WriteParts
    extends PTransform<PCollection<GenericRecord>, PCollection<String>> {
  abstract String folder();

  abstract PartFormat format();

  /**
   * Writes to a run's folder.
   *
   * @param format whose vectors the records have
   */
  public static WriteParts to(String folder, PartFormat format) {
    return new AutoValue_WriteParts(folder, format);
  }

  @Override
  public PCollection<String> expand(PCollection<GenericRecord> records) {
    return records
        .apply(
            "Write",
            FileIO.<GenericRecord>write()
                .via(sink())
                .to(folder())
                .withNaming(FileIO.Write.defaultNaming("part", format().files().suffix())))
        .getPerDestinationOutputFilenames()
        .apply("FileNames", Values.create());
  }

  private FileIO.Sink<GenericRecord> sink() {
    Schema schema = EmbeddingRecord.schema(format().vectors());
    return switch (format().files()) {
      case AVRO -> AvroIO.<GenericRecord>sink(schema).withCodec(format().codec().avro());
      case PARQUET -> ParquetSink.of(schema, format().codec().parquet());
    };
  }
}
