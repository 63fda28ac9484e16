package io.simclrbeam.transforms.dataset;

import com.google.auto.value.AutoValue;
import io.simclrbeam.model.embed.VectorFormat;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;

/** Turns embeddings into {@link EmbeddingRecord} records. */
@AutoValue
public abstract class ToRecords
    extends PTransform<PCollection<Embedding>, PCollection<GenericRecord>> {
  abstract VectorFormat vectors();

  /** Returns the transform to records with vectors of a format. */
  public static ToRecords with(VectorFormat vectors) {
    return new AutoValue_ToRecords(vectors);
  }

  @Override
  public PCollection<GenericRecord> expand(PCollection<Embedding> embeddings) {
    return embeddings
        .apply("ToRecord", ParDo.of(new ToRecordFn(vectors())))
        .setCoder(AvroCoder.of(EmbeddingRecord.schema(vectors())));
  }

  private static final class ToRecordFn extends DoFn<Embedding, GenericRecord> {
    private final VectorFormat vectors;

    ToRecordFn(VectorFormat vectors) {
      this.vectors = vectors;
    }

    @ProcessElement
    public void process(@Element Embedding embedding, OutputReceiver<GenericRecord> out) {
      out.output(EmbeddingRecord.of(embedding, vectors));
    }
  }
}
