package io.simclrbeam.transforms.dataset;

import com.google.auto.value.AutoValue;
import java.util.Objects;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.Values;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.jspecify.annotations.Nullable;

/**
 * Reads embedding data sets.
 *
 * <pre>{@code
 * PCollection<Embedding> embeddings =
 *     pipeline.apply(EmbeddingIO.read().from("gs://bucket/embeddings"));
 * }</pre>
 */
public final class EmbeddingIO {
  private EmbeddingIO() {}

  /** Reads the current view of a data set; {@link Read#from} says of which one. */
  public static Read read() {
    return new AutoValue_EmbeddingIO_Read(null, null);
  }

  /**
   * Yields the current view: for each image the record of the newest finished run, and none for an
   * image that it marks as deleted. All of it is of one model. A data set without a finished run
   * fails the pipeline.
   */
  @AutoValue
  public abstract static class Read extends PTransform<PBegin, PCollection<Embedding>> {
    abstract @Nullable String folder();

    abstract @Nullable String model();

    /** Returns this for the data set in a folder. */
    public Read from(String folder) {
      return new AutoValue_EmbeddingIO_Read(folder, model());
    }

    /** Returns this for one model's embeddings; else they are those of the newest run's model. */
    public Read withModel(String modelId) {
      return new AutoValue_EmbeddingIO_Read(folder(), modelId);
    }

    @Override
    public PCollection<Embedding> expand(PBegin begin) {
      String folder = folder();
      if (folder == null) {
        throw new IllegalStateException("EmbeddingIO.read() needs a folder: call from(folder)");
      }
      return begin
          .apply(
              "ReadNewest",
              new ReadNewest<>(
                  folder,
                  new ReadNewest.Models(model(), true),
                  record -> Objects.requireNonNull(EmbeddingRecord.toEmbedding(record)),
                  EmbeddingCoder.of()))
          .apply("WithoutIds", Values.create());
    }
  }
}
