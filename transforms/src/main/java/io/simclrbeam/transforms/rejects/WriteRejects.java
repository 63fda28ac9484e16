package io.simclrbeam.transforms.rejects;

import com.google.auto.value.AutoValue;
import io.simclrbeam.transforms.storage.BeamFileStore;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.extensions.avro.io.AvroIO;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.Values;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.PCollection;

/**
 * Writes {@link Reject} records to {@code rejects-JOB-*.avro}, or {@code _rejects-JOB-*.avro}
 * beside data, and yields the name of the file.
 */
@AutoValue
public abstract class WriteRejects
    extends PTransform<PCollection<GenericRecord>, PCollection<String>> {
  private static final String NAME = "rejects-";

  abstract String folder();

  abstract String prefix();

  abstract String job();

  /**
   * Writes to a folder.
   *
   * @param job tells the rejects of several jobs in the folder apart
   * @throws IllegalArgumentException if the folder or the job is blank
   */
  public static WriteRejects to(String folder, String job) {
    BeamFileStore.checkFolder(folder);
    if (job.isBlank()) {
      throw new IllegalArgumentException("the name of a job is blank");
    }
    return new AutoValue_WriteRejects(folder.endsWith("/") ? folder : folder + "/", "", job);
  }

  /**
   * Returns this with a name of the file that begins with {@code _}. Readers of the other files in
   * the folder then pass over it, as Spark's, Arrow's and BigQuery's do.
   */
  public WriteRejects besideData() {
    return new AutoValue_WriteRejects(folder(), "_", job());
  }

  /** Returns whether a name is that of a file with rejects. Earlier versions had no {@code _}. */
  public static boolean isName(String name) {
    return name.startsWith(NAME) || name.startsWith("_" + NAME);
  }

  /** Returns the name of the file that a job in batch mode writes. */
  public static String fileName(String job) {
    return NAME + job + "-00000-of-00001.avro";
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    super.populateDisplayData(builder);
    builder
        .add(DisplayData.item("folder", folder()).withLabel("Output Folder"))
        .add(DisplayData.item("job", job()).withLabel("Job"));
  }

  @Override
  public PCollection<String> expand(PCollection<GenericRecord> rejects) {
    // One shard: rejects are few, and a fixed name lets a repeated job replace its own file.
    return rejects
        .apply(
            "Write",
            AvroIO.writeGenericRecords(Reject.SCHEMA)
                .to(folder() + prefix() + NAME + job())
                // The default needs a library that not every reader has.
                .withCodec(CodecFactory.deflateCodec(6))
                .withNumShards(1)
                .withSuffix(".avro")
                .withOutputFilenames())
        .getPerDestinationOutputFilenames()
        .apply("FileNames", Values.create());
  }
}
