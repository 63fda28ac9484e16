package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.embed.VectorFormat;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;

/** Turns ids and files of images that are gone into records that mark the images as deleted. */
final class MarkDeleted
    extends PTransform<PCollection<KV<String, String>>, PCollection<GenericRecord>> {
  private static final long serialVersionUID = 1;

  private final RunSpec run;
  private final VectorFormat vectors;

  private MarkDeleted(RunSpec run, VectorFormat vectors) {
    this.run = run;
    this.vectors = vectors;
  }

  /**
   * Marks images in a run.
   *
   * @param vectors format of the run's records
   */
  static MarkDeleted in(RunSpec run, VectorFormat vectors) {
    return new MarkDeleted(run, vectors);
  }

  @Override
  public PCollection<GenericRecord> expand(PCollection<KV<String, String>> gone) {
    return gone.apply("Mark", ParDo.of(new MarkFn(run, vectors)))
        .setCoder(AvroCoder.of(EmbeddingRecord.schema(vectors)));
  }

  private static final class MarkFn extends DoFn<KV<String, String>, GenericRecord> {
    private final RunSpec run;
    private final VectorFormat vectors;
    private final Counter deleted = Metrics.counter(MarkDeleted.class, "images_deleted");

    MarkFn(RunSpec run, VectorFormat vectors) {
      this.run = run;
      this.vectors = vectors;
    }

    @ProcessElement
    public void process(@Element KV<String, String> image, OutputReceiver<GenericRecord> out) {
      out.output(
          EmbeddingRecord.deleted(
              image.getKey(), image.getValue(), run.modelId(), run.startedAtMillis(), vectors));
      deleted.inc();
    }
  }
}
