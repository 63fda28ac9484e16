package io.simclrbeam.transforms.embedding;

import com.google.auto.value.AutoValue;
import io.simclrbeam.transforms.dataset.PartFormat;
import io.simclrbeam.transforms.dataset.PublishRun;
import io.simclrbeam.transforms.dataset.ToRecords;
import io.simclrbeam.transforms.dataset.WriteParts;
import io.simclrbeam.transforms.images.ListImages;
import io.simclrbeam.transforms.rejects.RejectLimit;
import io.simclrbeam.transforms.rejects.WriteRejects;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionTuple;

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

  abstract int dimension();

  abstract RejectLimit maxRejects();

  abstract PartFormat format();

  /**
   * Embeds images, to files of the default format.
   *
   * @param images what {@link ListImages} yields; a chunk is encoded as one batch
   * @param dimension numbers in an embedding
   */
  public static EmbedImages of(
      PTransform<PBegin, PCollectionTuple> images,
      EmbeddingSpec spec,
      int dimension,
      RejectLimit maxRejects) {
    return new AutoValue_EmbedImages(images, spec, dimension, maxRejects, PartFormat.DEFAULT);
  }

  /** Returns this with files of another format. */
  public EmbedImages withFormat(PartFormat format) {
    return new AutoValue_EmbedImages(images(), spec(), dimension(), maxRejects(), format);
  }

  @Override
  public PCollection<Boolean> expand(PBegin begin) {
    PCollectionTuple listed = begin.apply("List", images());
    PCollectionTuple computed =
        listed.get(ListImages.CHUNKS).apply("Compute", ComputeEmbeddings.of(spec()));
    PCollection<String> parts =
        computed
            .get(ComputeEmbeddings.EMBEDDINGS)
            .apply("ToRecords", ToRecords.with(format().vectors()))
            .apply("WriteParts", WriteParts.to(spec().runFolder(), format()));
    PCollection<String> rejects =
        PCollectionList.of(listed.get(ListImages.REJECTS))
            .and(computed.get(ComputeEmbeddings.REJECTS))
            .apply("Rejects", Flatten.pCollections())
            .apply("WriteRejects", WriteRejects.to(spec().runFolder(), JOB));
    return PCollectionList.of(parts)
        .and(rejects)
        .apply("Files", Flatten.pCollections())
        .apply(
            "Publish",
            PublishRun.of(spec().runFolder(), spec().modelId(), dimension(), maxRejects()));
  }
}
