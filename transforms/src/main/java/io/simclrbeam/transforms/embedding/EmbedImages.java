package io.simclrbeam.transforms.embedding;

import com.google.auto.value.AutoValue;
import io.simclrbeam.transforms.dataset.CollectMoments;
import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.dataset.MarkDeleted;
import io.simclrbeam.transforms.dataset.PartFormat;
import io.simclrbeam.transforms.dataset.PublishRun;
import io.simclrbeam.transforms.dataset.RunSpec;
import io.simclrbeam.transforms.dataset.ToRecords;
import io.simclrbeam.transforms.dataset.WriteParts;
import io.simclrbeam.transforms.images.ImageChunk;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.rejects.WriteRejects;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.View;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.jspecify.annotations.Nullable;

/**
 * Turns a data set of images into a run of an embedding data set: {@code part-*.avro}, {@code
 * rejects-embed-*.avro}, {@code _MANIFEST.json} and {@code _SUCCESS}. Yields whether the run was
 * published.
 */
@AutoValue
public abstract class EmbedImages extends PTransform<PBegin, PCollection<Boolean>> {
  /** The name of this job's rejects. */
  public static final String JOB = "embed";

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

  /**
   * Returns this for a run that is loaded into a table before it counts; see {@link PublishRun}.
   */
  public EmbedImages withLoad(PTransform<PCollection<Boolean>, PCollection<Boolean>> load) {
    return new AutoValue_EmbedImages(images(), spec(), format(), load);
  }

  @Override
  public PCollection<Boolean> expand(PBegin begin) {
    RunSpec run = spec().run();
    PCollectionTuple listed = begin.apply("List", images());
    PCollectionList<GenericRecord> rejects = PCollectionList.of(listed.get(ListImages.REJECTS));
    PCollection<ImageChunk> chunks = listed.get(ListImages.CHUNKS);
    PCollection<String> skipped = begin.apply("NoneSkipped", Create.empty(StringUtf8Coder.of()));
    PCollectionList<GenericRecord> records = PCollectionList.empty(begin.getPipeline());
    if (spec().comparing()) {
      PCollectionTuple chosen =
          chunks.apply("Choose", ChooseImages.of(run.dataset(), run.modelId(), spec().batchSize()));
      chunks = chosen.get(ChooseImages.CHUNKS);
      skipped = chosen.get(ChooseImages.SKIPPED);
      rejects = rejects.and(chosen.get(ChooseImages.REJECTS));
      if (spec().recordDeletions()) {
        records =
            records.and(
                chosen
                    .get(ChooseImages.GONE)
                    .apply(
                        "MarkDeleted",
                        MarkDeleted.in(
                            run,
                            format().vectors(),
                            listed
                                .get(ListImages.REJECTS)
                                .apply("CountUnlisted", Count.globally())
                                .apply("Unlisted", View.asSingleton()))));
      }
    }
    PCollectionTuple computed = chunks.apply("Compute", ComputeEmbeddings.of(spec()));
    PCollection<Embedding> embeddings = computed.get(ComputeEmbeddings.EMBEDDINGS);
    PCollection<String> parts =
        records
            .and(embeddings.apply("ToRecords", ToRecords.with(format().vectors())))
            .apply("Records", Flatten.pCollections())
            .apply("WriteParts", WriteParts.to(run.folder(), format()));
    PCollection<String> rejectFiles =
        rejects
            .and(computed.get(ComputeEmbeddings.REJECTS))
            .apply("Rejects", Flatten.pCollections())
            .apply("WriteRejects", WriteRejects.to(run.folder(), JOB));
    return PCollectionList.of(parts)
        .and(rejectFiles)
        .apply("Files", Flatten.pCollections())
        .apply(
            "Publish",
            PublishRun.of(
                    run,
                    spec().gates(),
                    embeddings
                        .apply("Moments", CollectMoments.ofDimension(run.dimension()))
                        .apply("MomentsView", View.asIterable()),
                    skipped
                        .apply("CountSkipped", Count.globally())
                        .apply("Skipped", View.asSingleton()),
                    listed
                        .get(ListImages.CHUNKS)
                        .apply("Canaries", CheckCanaries.of(spec()))
                        .apply("Canary", View.asSingleton()))
                .withLoad(load()));
  }
}
