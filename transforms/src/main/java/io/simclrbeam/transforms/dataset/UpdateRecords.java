package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.transforms.coders.SerialCoder;
import java.io.IOException;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.DefaultCoder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.jspecify.annotations.Nullable;

/**
 * Reads records of earlier runs again and gives them another label or place, or copies them as they
 * are. Vectors stay as they are, to the last bit if they are stored in the format that they were
 * in. Only parts with such records are read.
 */
public final class UpdateRecords
    extends PTransform<PCollection<UpdateRecords.Update>, PCollection<GenericRecord>> {
  private static final long serialVersionUID = 1;

  /**
   * A part is read once for each so many of its records, {@code 2^18}. Their updates are in memory
   * together: 100 MB at most, with labels and places of 200 letters.
   */
  private static final int RECORDS_BITS = 18;

  private final RunSpec run;
  private final VectorFormat vectors;

  private UpdateRecords(RunSpec run, VectorFormat vectors) {
    this.run = run;
    this.vectors = vectors;
  }

  /**
   * What is to become of a record.
   *
   * @param part file that the record is in
   * @param number of the record in that file, from 0
   * @param uri of the file that the image is in now; null if the record stays as it is
   * @param label null for none
   */
  @DefaultCoder(SerialCoder.class)
  public record Update(String part, long number, @Nullable String uri, @Nullable String label)
      implements Serializable {
    /** Copies a record. */
    static Update copyOf(String part, long number) {
      return new Update(part, number, null, null);
    }

    private GenericRecord apply(GenericRecord record, VectorFormat vectors) {
      return uri == null
          ? EmbeddingRecord.in(vectors, record)
          : EmbeddingRecord.updated(record, uri, label, vectors);
    }

    private KV<String, Long> group() {
      return KV.of(part, number >> RECORDS_BITS);
    }
  }

  /**
   * Updates records for a run.
   *
   * @param vectors format of the run's records
   */
  static UpdateRecords in(RunSpec run, VectorFormat vectors) {
    return new UpdateRecords(run, vectors);
  }

  @Override
  public PCollection<GenericRecord> expand(PCollection<Update> updates) {
    return updates
        .apply("ByPart", WithKeys.of(Update::group))
        .setCoder(
            KvCoder.of(
                KvCoder.of(StringUtf8Coder.of(), VarLongCoder.of()), SerialCoder.of(Update.class)))
        .apply("Group", GroupByKey.create())
        .apply("Update", ParDo.of(new UpdateFn(run, vectors)))
        .setCoder(AvroCoder.of(EmbeddingRecord.schema(vectors)));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    builder
        .add(DisplayData.item("run", run.folder()))
        .add(DisplayData.item("vectors", vectors.code()));
  }

  /** A data set whose folder has moved is rewritten as a whole, which takes long. */
  private static final class UpdateFn
      extends RunLease.WriterFn<KV<KV<String, Long>, Iterable<Update>>, GenericRecord> {
    private final VectorFormat vectors;
    private final Counter updated = Metrics.counter(UpdateRecords.class, "images_updated");
    private final Counter copied = Metrics.counter(UpdateRecords.class, "records_copied");

    UpdateFn(RunSpec run, VectorFormat vectors) {
      super(run);
      this.vectors = vectors;
    }

    @ProcessElement
    public void process(
        @Element KV<KV<String, Long>, Iterable<Update>> group, OutputReceiver<GenericRecord> out)
        throws IOException {
      Map<Long, Update> updates = new HashMap<>();
      group.getValue().forEach(update -> updates.put(update.number, update));
      long[] number = {0};
      String part = group.getKey().getKey();
      PartFile.of(part)
          .read(
              record -> {
                Update update = updates.remove(number[0]++);
                if (update != null) {
                  out.output(update.apply(record, vectors));
                  (update.uri == null ? copied : updated).inc();
                }
              });
      if (!updates.isEmpty()) {
        throw new IOException(
            "%s has %,d records, but had more when the run began".formatted(part, number[0]));
      }
    }
  }
}
