package io.simclrbeam.transforms.dataset;

import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;

/** Turns embeddings into {@link EmbeddingRecord} records. */
public final class ToRecords
    extends PTransform<PCollection<Embedding>, PCollection<GenericRecord>> {
  private static final long serialVersionUID = 1;

  private ToRecords() {}

  /** Returns the transform. */
  public static ToRecords create() {
    return new ToRecords();
  }

  @Override
  public PCollection<GenericRecord> expand(PCollection<Embedding> embeddings) {
    return embeddings
        .apply("ToRecord", ParDo.of(new ToRecordFn()))
        .setCoder(AvroCoder.of(EmbeddingRecord.SCHEMA));
  }

  private static final class ToRecordFn extends DoFn<Embedding, GenericRecord> {
    @ProcessElement
    public void process(@Element Embedding embedding, OutputReceiver<GenericRecord> out) {
      out.output(EmbeddingRecord.of(embedding));
    }
  }
}
