package io.simclrbeam.transforms.dataset;

import com.google.auto.value.AutoValue;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Objects;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.NullableCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.transforms.Combine;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.transforms.Values;
import org.apache.beam.sdk.values.KV;
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
          .apply("Folder", Create.of(folder).withCoder(StringUtf8Coder.of()))
          .apply("FindParts", ParDo.of(new FindPartsFn(model())))
          .setCoder(KvCoder.of(StringUtf8Coder.of(), StringUtf8Coder.of()))
          .apply("SpreadParts", Reshuffle.viaRandomKey())
          .apply("ReadPart", ParDo.of(new ReadPartFn()))
          .setCoder(KvCoder.of(StringUtf8Coder.of(), VersionCoder.INSTANCE))
          .apply("Newest", Combine.perKey(new Newest()))
          .apply("WithoutIds", Values.create())
          .apply("Present", ParDo.of(new PresentFn()))
          .setCoder(EmbeddingCoder.of());
    }
  }

  /**
   * What a run says of an image.
   *
   * @param run name of the run
   * @param embedding null if the image was gone
   */
  private record Version(String run, @Nullable Embedding embedding) {}

  private static final class VersionCoder extends AtomicCoder<Version> {
    private static final long serialVersionUID = 1;
    private static final VersionCoder INSTANCE = new VersionCoder();
    private static final Coder<@Nullable Embedding> EMBEDDING =
        NullableCoder.of(EmbeddingCoder.of());

    @Override
    public void encode(Version version, OutputStream out) throws IOException {
      StringUtf8Coder.of().encode(version.run, out);
      EMBEDDING.encode(version.embedding, out);
    }

    @Override
    public Version decode(InputStream in) throws IOException {
      return new Version(StringUtf8Coder.of().decode(in), EMBEDDING.decode(in));
    }
  }

  /** Yields run names and part files. */
  private static final class FindPartsFn extends DoFn<String, KV<String, String>> {
    private final @Nullable String model;

    FindPartsFn(@Nullable String model) {
      this.model = model;
    }

    @ProcessElement
    public void process(@Element String folder, OutputReceiver<KV<String, String>> out)
        throws IOException {
      List<DatasetRun> runs = DatasetRun.list(folder);
      String wanted = model == null ? runs.get(0).model() : model;
      boolean found = false;
      for (DatasetRun run : runs) {
        if (run.model().equals(wanted)) {
          found = true;
          for (ResourceId part : run.parts()) {
            out.output(KV.of(run.name(), part.toString()));
          }
        }
      }
      if (!found) {
        throw new FileNotFoundException(
            "no finished run in %s is of model %s".formatted(folder, wanted));
      }
    }
  }

  private static final class ReadPartFn extends DoFn<KV<String, String>, KV<String, Version>> {
    @ProcessElement
    public void process(@Element KV<String, String> part, OutputReceiver<KV<String, Version>> out)
        throws IOException {
      PartFile.read(
          FileSystems.matchNewResource(part.getValue(), false),
          record ->
              out.output(
                  KV.of(
                      record.get("id").toString(),
                      new Version(part.getKey(), EmbeddingRecord.toEmbedding(record)))));
    }
  }

  /** Takes the newest run's version. */
  private static final class Newest implements SerializableFunction<Iterable<Version>, Version> {
    private static final long serialVersionUID = 1;

    @Override
    public Version apply(Iterable<Version> versions) {
      Version newest = null;
      for (Version version : versions) {
        if (newest == null || version.run.compareTo(newest.run) > 0) {
          newest = version;
        }
      }
      return Objects.requireNonNull(newest);
    }
  }

  private static final class PresentFn extends DoFn<Version, Embedding> {
    @ProcessElement
    public void process(@Element Version version, OutputReceiver<Embedding> out) {
      if (version.embedding != null) {
        out.output(version.embedding);
      }
    }
  }
}
