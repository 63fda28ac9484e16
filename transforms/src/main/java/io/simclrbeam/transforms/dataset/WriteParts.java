package io.simclrbeam.transforms.dataset;

import com.google.auto.value.AutoValue;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.extensions.avro.io.AvroIO;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.Values;
import org.apache.beam.sdk.values.PCollection;

/**
 * Writes {@code part-*.avro} of {@link EmbeddingRecord} records to a run's folder, each file whole
 * or not at all. Yields the names of the files.
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
                .via(
                    AvroIO.<GenericRecord>sink(EmbeddingRecord.schema(format().vectors()))
                        .withCodec(format().codec().avro()))
                .to(folder())
                .withNaming(FileIO.Write.defaultNaming("part", ".avro")))
        .getPerDestinationOutputFilenames()
        .apply("FileNames", Values.create());
  }
}
