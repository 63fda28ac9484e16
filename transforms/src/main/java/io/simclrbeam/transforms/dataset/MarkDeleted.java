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
import org.apache.beam.sdk.values.PCollectionView;

/**
 * Makes a record that says "deleted" for each image that is gone, given by its id and the file that
 * it was in. Makes none if a part of the input could not be listed: its images may still be there.
 */
public final class MarkDeleted
    extends PTransform<PCollection<KV<String, String>>, PCollection<GenericRecord>> {
  private static final long serialVersionUID = 1;

  private final RunSpec run;
  private final VectorFormat vectors;
  private final PCollectionView<Long> unlisted;

  private MarkDeleted(RunSpec run, VectorFormat vectors, PCollectionView<Long> unlisted) {
    this.run = run;
    this.vectors = vectors;
    this.unlisted = unlisted;
  }

  /**
   * Marks images in a run.
   *
   * @param vectors format of the run's records
   * @param unlisted number of files or parts of files that could not be listed
   */
  public static MarkDeleted in(RunSpec run, VectorFormat vectors, PCollectionView<Long> unlisted) {
    return new MarkDeleted(run, vectors, unlisted);
  }

  @Override
  public PCollection<GenericRecord> expand(PCollection<KV<String, String>> gone) {
    return gone.apply("Mark", ParDo.of(new MarkFn(run, vectors, unlisted)).withSideInputs(unlisted))
        .setCoder(AvroCoder.of(EmbeddingRecord.schema(vectors)));
  }

  private static final class MarkFn extends DoFn<KV<String, String>, GenericRecord> {
    private final RunSpec run;
    private final VectorFormat vectors;
    private final PCollectionView<Long> unlisted;
    private final Counter deleted = Metrics.counter(MarkDeleted.class, "images_deleted");

    MarkFn(RunSpec run, VectorFormat vectors, PCollectionView<Long> unlisted) {
      this.run = run;
      this.vectors = vectors;
      this.unlisted = unlisted;
    }

    @ProcessElement
    public void process(ProcessContext context) {
      if (context.sideInput(unlisted) == 0) {
        KV<String, String> image = context.element();
        context.output(
            EmbeddingRecord.deleted(
                image.getKey(), image.getValue(), run.modelId(), run.startedAtMillis(), vectors));
        deleted.inc();
      }
    }
  }
}
