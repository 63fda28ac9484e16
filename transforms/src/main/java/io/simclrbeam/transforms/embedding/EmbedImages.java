package io.simclrbeam.transforms.embedding;

import com.google.auto.value.AutoValue;
import io.simclrbeam.transforms.dataset.PartFormat;
import io.simclrbeam.transforms.dataset.RunSpec;
import io.simclrbeam.transforms.dataset.WriteRun;
import io.simclrbeam.transforms.images.ImageChunk;
import io.simclrbeam.transforms.images.ListImages;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.View;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.PCollectionView;
import org.jspecify.annotations.Nullable;

/**
 * Turns a data set of images into a run of an embedding data set: {@code part-*.avro}, {@code
 * rejects-embed-*.avro}, {@code _MANIFEST.json} and {@code _SUCCESS}. Yields whether the run was
 * published.
 */
@AutoValue
public abstract class EmbedImages extends PTransform<PBegin, PCollection<Boolean>> {
  abstract PTransform<PBegin, PCollectionTuple> images();

  abstract EmbeddingSpec spec();

  abstract PartFormat format();

  abstract @Nullable PTransform<PCollection<Boolean>, PCollection<Boolean>> load();

  /**
   * Embeds images, to files of the default format.
   *
   * @param images what {@link ListImages} yields; a chunk is encoded as one batch
   */
  public static EmbedImages of(PTransform<PBegin, PCollectionTuple> images, EmbeddingSpec spec) {
    return new AutoValue_EmbedImages(images, spec, PartFormat.DEFAULT, null);
  }

  /** Returns this with files of another format. */
  public EmbedImages withFormat(PartFormat format) {
    return new AutoValue_EmbedImages(images(), spec(), format, load());
  }

  /** Returns this for a run that is loaded into a table before it counts; see {@link WriteRun}. */
  public EmbedImages withLoad(PTransform<PCollection<Boolean>, PCollection<Boolean>> load) {
    return new AutoValue_EmbedImages(images(), spec(), format(), load);
  }

  @Override
  public PCollection<Boolean> expand(PBegin begin) {
    PCollectionTuple listed = begin.apply("List", images());
    PCollectionList<GenericRecord> rejects = PCollectionList.of(listed.get(ListImages.REJECTS));
    PCollection<ImageChunk> chunks = listed.get(ListImages.CHUNKS);
    PCollectionTuple output =
        PCollectionTuple.of(WriteRun.CANARIES, chunks.apply("Canaries", CheckCanaries.of(spec())));
    if (spec().comparing()) {
      RunSpec run = spec().run();
      PCollectionTuple chosen =
          chunks.apply("Choose", ChooseImages.of(run.dataset(), run.modelId(), spec().batchSize()));
      chunks = chosen.get(ChooseImages.CHUNKS);
      output = output.and(WriteRun.SKIPPED, chosen.get(ChooseImages.SKIPPED));
      rejects = rejects.and(chosen.get(ChooseImages.REJECTS));
      if (spec().recordDeletions()) {
        PCollectionView<Long> unlisted =
            listed
                .get(ListImages.REJECTS)
                .apply("CountUnlisted", Count.globally())
                .apply("Unlisted", View.asSingleton());
        PCollection<KV<String, String>> gone = chosen.get(ChooseImages.GONE);
        output =
            output.and(
                WriteRun.GONE,
                gone.apply(
                        "IfAllListed",
                        ParDo.of(new IfAllListedFn(unlisted)).withSideInputs(unlisted))
                    .setCoder(gone.getCoder()));
      }
    }
    PCollectionTuple computed = chunks.apply("Compute", ComputeEmbeddings.of(spec()));
    return output
        .and(WriteRun.EMBEDDINGS, computed.get(ComputeEmbeddings.EMBEDDINGS))
        .and(
            WriteRun.REJECTS,
            rejects
                .and(computed.get(ComputeEmbeddings.REJECTS))
                .apply("Rejects", Flatten.pCollections()))
        .apply("Write", WriteRun.of(spec().run(), format(), spec().gates()).withLoad(load()));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    spec().addTo(builder);
  }

  /** Holds back what is gone if a part of the input could not be listed: it may still be there. */
  private static final class IfAllListedFn extends DoFn<KV<String, String>, KV<String, String>> {
    private final PCollectionView<Long> unlisted;

    IfAllListedFn(PCollectionView<Long> unlisted) {
      this.unlisted = unlisted;
    }

    @ProcessElement
    public void process(ProcessContext context) {
      if (context.sideInput(unlisted) == 0) {
        context.output(context.element());
      }
    }
  }
}
