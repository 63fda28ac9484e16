package io.simclrbeam.transforms.embedding;

import com.google.auto.value.AutoValue;
import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.dataset.EmbeddingCoder;
import io.simclrbeam.transforms.rejects.Reject;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.PaneInfo;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.joda.time.Duration;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Embedding as a library: turns encoded images in a pipeline of one's own into vectors.
 *
 * <pre>{@code
 * PCollection<KV<String, byte[]>> images = ...; // ids and the bytes of JPEG, PNG, ... files
 * PCollectionTuple computed = images.apply(Embeddings.compute("gs://bucket/model"));
 * PCollection<Embedding> embeddings = computed.get(Embeddings.EMBEDDINGS);
 * PCollection<GenericRecord> rejects = computed.get(Embeddings.REJECTS);
 * }</pre>
 */
public final class Embeddings {
  /** The embeddings of the usable images; the id is the uri as well. */
  public static final TupleTag<Embedding> EMBEDDINGS = new TupleTag<>("embeddings") {};

  /** {@link Reject} records of the others. */
  public static final TupleTag<GenericRecord> REJECTS = new TupleTag<>("rejects") {};

  private static final int DEFAULT_BATCH_SIZE = 32;

  private Embeddings() {}

  /** Computes embeddings with the model in a folder, as {@code train} leaves it. */
  public static Compute compute(String modelFolder) {
    return new AutoValue_Embeddings_Compute(
        modelFolder, DEFAULT_BATCH_SIZE, "auto", Precision.FP32);
  }

  /**
   * Decodes, resizes and encodes images in batches within a bundle. An image's embedding does not
   * depend on the others.
   */
  @AutoValue
  public abstract static class Compute
      extends PTransform<PCollection<KV<String, byte[]>>, PCollectionTuple> {
    abstract String modelFolder();

    abstract int batchSize();

    abstract String device();

    abstract Precision precision();

    /** Returns this with another greatest number of images in a batch, at least 1. */
    public Compute withBatchSize(int images) {
      if (images < 1) {
        throw new IllegalArgumentException("a batch must be of at least 1 image, not " + images);
      }
      return new AutoValue_Embeddings_Compute(modelFolder(), images, device(), precision());
    }

    /** Returns this for another device: {@code auto}, {@code cpu} or {@code cuda:N}. */
    public Compute withDevice(String name) {
      return new AutoValue_Embeddings_Compute(modelFolder(), batchSize(), name, precision());
    }

    /**
     * Returns this with another arithmetic; the default is float32. What int8 leaves of an encoder
     * is compared with float32 by the command {@code embed}, not here.
     */
    public Compute withPrecision(Precision precision) {
      return new AutoValue_Embeddings_Compute(modelFolder(), batchSize(), device(), precision);
    }

    @Override
    public PCollectionTuple expand(PCollection<KV<String, byte[]>> images) {
      PCollectionTuple outputs =
          images.apply(
              "Encode",
              ParDo.of(new EncodeFn(this)).withOutputTags(EMBEDDINGS, TupleTagList.of(REJECTS)));
      outputs.get(EMBEDDINGS).setCoder(EmbeddingCoder.of());
      outputs.get(REJECTS).setCoder(AvroCoder.of(Reject.SCHEMA));
      return outputs;
    }
  }

  private static final class EncodeFn extends DoFn<KV<String, byte[]>, Embedding> {
    private static final String STAGE = "compute";

    private final String modelFolder;
    private final int batchSize;
    private final String device;
    private final Precision precision;
    private transient @Nullable BatchEncoder batch;
    private transient @Nullable String modelId;
    private transient List<Waiting> waiting = new ArrayList<>();

    EncodeFn(Compute spec) {
      modelFolder = spec.modelFolder();
      batchSize = spec.batchSize();
      device = spec.device();
      precision = spec.precision();
    }

    /** An image in the batch, and where in the stream it belongs. */
    private record Waiting(Embedding.Builder image, Instant timestamp, BoundedWindow window) {}

    @Setup
    public void setup() throws IOException {
      Encoders.enter(true);
      modelId = ModelCard.read(new BeamFileStore(modelFolder)).id();
      batch =
          new BatchEncoder(
              Encoders.get(modelFolder, Objects.requireNonNull(modelId), device, precision),
              batchSize);
      waiting = new ArrayList<>();
    }

    @Teardown
    public void teardown() {
      Encoders.leave(true);
    }

    /** A batch has images of several times; which one fills it up is by chance. */
    @Override
    @SuppressWarnings("deprecation") // there is nothing else yet
    public Duration getAllowedTimestampSkew() {
      return Duration.millis(Long.MAX_VALUE);
    }

    @ProcessElement
    public void process(
        @Element KV<String, byte[]> image,
        @Timestamp Instant timestamp,
        BoundedWindow window,
        MultiOutputReceiver out) {
      String id = image.getKey();
      try {
        RgbImage picture = Objects.requireNonNull(batch).add(image.getValue());
        Embedding.Builder described =
            Embedding.builder()
                .setId(id)
                .setUri(id)
                .setContentSha256(Sha256.of(image.getValue()))
                .setWidth(picture.width())
                .setHeight(picture.height())
                .setModelId(Objects.requireNonNull(modelId))
                .setEmbeddedAt(Instant.now());
        waiting.add(new Waiting(described, timestamp, window));
      } catch (RejectedImageException e) {
        out.get(REJECTS).output(Reject.of(id, id, STAGE, e));
      }
      if (Objects.requireNonNull(batch).isFull()) {
        float[][] vectors = batch.encode();
        for (int i = 0; i < vectors.length; i++) {
          Waiting one = waiting.get(i);
          out.get(EMBEDDINGS)
              .outputWindowedValue(
                  one.image.setVector(vectors[i]).build(),
                  one.timestamp,
                  List.of(one.window),
                  PaneInfo.NO_FIRING);
        }
        waiting.clear();
      }
    }

    @FinishBundle
    public void finishBundle(FinishBundleContext context) {
      float[][] vectors = Objects.requireNonNull(batch).encode();
      for (int i = 0; i < vectors.length; i++) {
        Waiting one = waiting.get(i);
        context.output(one.image.setVector(vectors[i]).build(), one.timestamp, one.window);
      }
      waiting.clear();
    }
  }
}
