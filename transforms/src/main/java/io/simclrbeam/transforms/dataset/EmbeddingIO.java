package io.simclrbeam.transforms.dataset;

import com.google.auto.value.AutoValue;
import io.simclrbeam.model.embed.VectorFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.Values;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.transforms.windowing.GlobalWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollection.IsBounded;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes embedding data sets: folders that hold runs, each of which adds embeddings of
 * one model, replaces earlier ones, or marks images as deleted.
 *
 * <h2>Reading</h2>
 *
 * <p>{@link #read} yields the current embedding of each image:
 *
 * <pre>{@code
 * PCollection<Embedding> embeddings =
 *     pipeline.apply(EmbeddingIO.read().from("gs://bucket/embeddings"));
 * }</pre>
 *
 * <h2>Writing</h2>
 *
 * <p>{@link #write} adds a run, as the command {@code embed} does. Readers see the run whole or not
 * at all:
 *
 * <pre>{@code
 * ModelCard model = ModelCard.read(new BeamFileStore("gs://bucket/model"));
 * PCollectionTuple computed = images.apply(Embeddings.compute("gs://bucket/model"));
 * PCollection<Boolean> published =
 *     computed
 *         .get(Embeddings.EMBEDDINGS)
 *         .apply(
 *             EmbeddingIO.write()
 *                 .to("gs://bucket/embeddings")
 *                 .withModel(model.id(), model.dimension())
 *                 .withFormat(FileFormat.of("parquet"))
 *                 .withRejects(computed.get(Embeddings.REJECTS)));
 * }</pre>
 */
public final class EmbeddingIO {
  private EmbeddingIO() {}

  /** Reads the current view of a data set; {@link Read#from} says of which one. */
  public static Read read() {
    return new AutoValue_EmbeddingIO_Read(null, null, null);
  }

  /** Writes a run; {@link Write#to} and {@link Write#withModel} say where and of which model. */
  public static Write write() {
    return new AutoValue_EmbeddingIO_Write.Builder()
        .setDimension(0)
        .setFormat(PartFormat.DEFAULT)
        .setGates(QualityGates.NONE)
        .setSettings(Map.of())
        .build();
  }

  private static String requireText(String name, String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException(name + " must not be empty");
    }
    return text;
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

    abstract @Nullable AsOf asOf();

    /** Returns this for the data set in a folder. */
    public Read from(String folder) {
      return new AutoValue_EmbeddingIO_Read(requireText("the folder", folder), model(), asOf());
    }

    /** Returns this for one model's embeddings. The default is the model of the newest run. */
    public Read withModel(String modelId) {
      return new AutoValue_EmbeddingIO_Read(
          folder(), requireText("the model's id", modelId), asOf());
    }

    /**
     * Returns this for the data set as it was.
     *
     * @param moment null for as it is when the pipeline runs, which is the default
     */
    public Read asOf(@Nullable AsOf moment) {
      return new AutoValue_EmbeddingIO_Read(folder(), model(), moment);
    }

    @Override
    public PCollection<Embedding> expand(PBegin begin) {
      String folder = folder();
      if (folder == null) {
        throw new IllegalArgumentException("EmbeddingIO.read() needs a folder: call from(folder)");
      }
      return begin
          .apply("ReadNewest", ReadCurrentView.embeddings(folder, model(), asOf()))
          .apply("WithoutIds", Values.create());
    }

    @Override
    public void populateDisplayData(DisplayData.Builder builder) {
      builder
          .addIfNotNull(DisplayData.item("folder", folder()))
          .addIfNotNull(DisplayData.item("model", model()))
          .addIfNotDefault(
              DisplayData.item("asOf", String.valueOf(asOf())), String.valueOf((Object) null));
    }
  }

  /**
   * Writes bounded embeddings of one model, one for each image, as a run: part files, rejects,
   * {@code _MANIFEST.json}, and {@code _SUCCESS} last. Yields one element once all is written:
   * whether the run is published.
   *
   * <p>The run gets its folder, named by the time, when the transform is applied. So a pipeline
   * that is run a second time must be made a second time.
   */
  @AutoValue
  public abstract static class Write
      extends PTransform<PCollection<Embedding>, PCollection<Boolean>> {
    abstract @Nullable String folder();

    abstract @Nullable String model();

    abstract int dimension();

    abstract PartFormat format();

    abstract QualityGates gates();

    abstract Map<String, String> settings();

    abstract @Nullable PCollection<KV<String, String>> deletions();

    abstract @Nullable PCollection<GenericRecord> rejects();

    abstract Builder toBuilder();

    @AutoValue.Builder
    abstract static class Builder {
      abstract Builder setFolder(String folder);

      abstract Builder setModel(String id);

      abstract Builder setDimension(int dimension);

      abstract Builder setFormat(PartFormat format);

      abstract Builder setGates(QualityGates gates);

      abstract Builder setSettings(Map<String, String> settings);

      abstract Builder setDeletions(PCollection<KV<String, String>> deletions);

      abstract Builder setRejects(PCollection<GenericRecord> rejects);

      abstract Write build();
    }

    /** Returns this for the data set in a folder, which need not exist yet. */
    public Write to(String folder) {
      return toBuilder().setFolder(requireText("the folder", folder)).build();
    }

    /**
     * Returns this for embeddings of a model.
     *
     * @param modelId as all embeddings have it
     * @param dimension numbers in an embedding, at least 1
     */
    public Write withModel(String modelId, int dimension) {
      if (dimension < 1 || modelId.contains("/")) {
        throw new IllegalArgumentException(
            "a model has an id without a slash and at least 1 dimension, but these are '%s' and %d"
                .formatted(modelId, dimension));
      }
      return toBuilder()
          .setModel(requireText("the model's id", modelId))
          .setDimension(dimension)
          .build();
    }

    /**
     * Returns this with part files of a format, such as {@code FileFormat.of("parquet")}. The
     * default is Avro. If the format does not have the codec, its first one is taken.
     */
    public Write withFormat(FileFormat files) {
      String codec = format().codec();
      return toBuilder()
          .setFormat(
              new PartFormat(
                  files,
                  format().vectors(),
                  files.codecs().contains(codec) ? codec : files.codecs().get(0),
                  format().megabytes()))
          .build();
    }

    /** Returns this with vectors stored in a format. The default is float32. */
    public Write withVectors(VectorFormat vectors) {
      return toBuilder()
          .setFormat(
              new PartFormat(format().files(), vectors, format().codec(), format().megabytes()))
          .build();
    }

    /**
     * Returns this with files compressed by a codec of their format. The default is {@code
     * deflate}.
     *
     * @throws IllegalArgumentException if the format does not have it
     */
    public Write withCodec(String codec) {
      return toBuilder()
          .setFormat(
              new PartFormat(format().files(), format().vectors(), codec, format().megabytes()))
          .build();
    }

    /**
     * Returns this with parts of about a size in megabytes. For that, records are shuffled. The
     * default is 0: as many parts as the runner likes, without a shuffle.
     */
    public Write withPartMegabytes(int megabytes) {
      return toBuilder().setFormat(format().withMegabytes(megabytes)).build();
    }

    /**
     * Returns this with conditions for publication. The default is {@link QualityGates#NONE}. A run
     * that does not meet them is written and held back: readers do not see it.
     */
    public Write withGates(QualityGates gates) {
      return toBuilder().setGates(gates).build();
    }

    /** Returns this with settings by name, for the manifest. */
    public Write withSettings(Map<String, String> settings) {
      return toBuilder().setSettings(Map.copyOf(settings)).build();
    }

    /**
     * Returns this for a run that marks images of earlier runs as deleted.
     *
     * @param idsAndUris of images that are not among the embeddings
     */
    public Write withDeletions(PCollection<KV<String, String>> idsAndUris) {
      return toBuilder().setDeletions(idsAndUris).build();
    }

    /**
     * Returns this for a run that lists images that could not be used, and counts them for its
     * gates.
     *
     * @param rejects {@link io.simclrbeam.transforms.rejects.Reject} records
     */
    public Write withRejects(PCollection<GenericRecord> rejects) {
      return toBuilder().setRejects(rejects).build();
    }

    @Override
    public PCollection<Boolean> expand(PCollection<Embedding> embeddings) {
      String folder = folder();
      String model = model();
      if (folder == null || model == null) {
        throw new IllegalArgumentException(
            "EmbeddingIO.write() needs a folder and a model: call to(folder) and withModel(id, dimension)");
      }
      if (embeddings.isBounded() == IsBounded.UNBOUNDED) {
        throw new IllegalArgumentException(
            "EmbeddingIO.write() takes bounded embeddings only, because a run is published once it is whole");
      }
      PCollectionTuple output =
          PCollectionTuple.of(WriteRun.EMBEDDINGS, inOneWindow("Embeddings", embeddings));
      PCollection<KV<String, String>> deletions = deletions();
      if (deletions != null) {
        output = output.and(WriteRun.GONE, inOneWindow("Deletions", deletions));
        if (gates().maxDeletions().percent()) {
          output =
              output.and(
                  WriteRun.KNOWN,
                  embeddings
                      .getPipeline()
                      .apply("ReadKnown", ReadCurrentView.contents(folder, model))
                      .apply("CountKnown", Count.globally()));
        }
      }
      PCollection<GenericRecord> rejects = rejects();
      if (rejects != null) {
        output = output.and(WriteRun.REJECTS, inOneWindow("Rejects", rejects));
      }
      return output.apply("WriteRun", WriteRun.of(run(folder, model), format(), gates()));
    }

    private static <T> PCollection<T> inOneWindow(String name, PCollection<T> elements) {
      return elements.apply(name, Window.into(new GlobalWindows()));
    }

    private RunSpec run(String folder, String model) {
      try {
        RunLease lease = RunLease.take(folder, model, Clock.systemUTC(), RunLease.PATIENCE);
        lease.close(); // the job's steps hold it from here on
        return new RunSpec(
            folder,
            model,
            lease.name(),
            lease.startedAt().toEpochMilli(),
            dimension(),
            settings(),
            Map.of());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void populateDisplayData(DisplayData.Builder builder) {
      builder
          .addIfNotNull(DisplayData.item("folder", folder()))
          .addIfNotNull(DisplayData.item("model", model()))
          .add(DisplayData.item("dimension", dimension()));
      format().addTo(builder);
    }
  }
}
