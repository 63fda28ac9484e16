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
import org.apache.beam.sdk.transforms.display.DisplayData;
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
 * Turns encoded images into vectors, in a pipeline of one's own. The model is a folder that the
 * command {@code train} has written. Images come as ids and the bytes of their files:
 *
 * <pre>{@code
 * PCollection<KV<String, byte[]>> images =
 *     pipeline
 *         .apply(FileIO.match().filepattern("gs://bucket/photos/*.jpg"))
 *         .apply(FileIO.readMatches())
 *         .apply(
 *             MapElements.into(
 *                     TypeDescriptors.kvs(
 *                         TypeDescriptors.strings(), TypeDescriptor.of(byte[].class)))
 *                 .via(
 *                     file ->
 *                         KV.of(
 *                             file.getMetadata().resourceId().toString(),
 *                             file.readFullyAsBytes())));
 * PCollectionTuple computed =
 *     images.apply(Embeddings.compute("gs://bucket/model").withBatchSize(64));
 * PCollection<Embedding> embeddings = computed.get(Embeddings.EMBEDDINGS);
 * PCollection<GenericRecord> rejects = computed.get(Embeddings.REJECTS);
 * }</pre>
 *
 * <p>{@link io.simclrbeam.transforms.dataset.EmbeddingIO#write} keeps them in a data set.
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
    if (modelFolder.isBlank()) {
      throw new IllegalArgumentException("the model's folder must not be empty");
    }
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

    /** Returns this with batches of at most so many images, at least 1. */
    public Compute withBatchSize(int images) {
      if (images < 1) {
        throw new IllegalArgumentException("a batch must be of at least 1 image, not " + images);
      }
      return new AutoValue_Embeddings_Compute(modelFolder(), images, device(), precision());
    }

    /**
     * Returns this for a device of the workers.
     *
     * @param name {@code auto}, {@code cpu} or {@code cuda:N}
     */
    public Compute withDevice(String name) {
      if (!name.matches("auto|cpu|cuda:\\d{1,4}")) {
        throw new IllegalArgumentException(
            "a device is auto, cpu or cuda:N, but this is '%s'".formatted(name));
      }
      return new AutoValue_Embeddings_Compute(modelFolder(), batchSize(), name, precision());
    }

    /**
     * Returns this with another arithmetic; the default is float32. The command {@code embed}
     * compares embeddings in int8 with those in float32; this transform does not.
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

    @Override
    public void populateDisplayData(DisplayData.Builder builder) {
      builder
          .add(DisplayData.item("model", modelFolder()))
          .add(DisplayData.item("batchSize", batchSize()))
          .add(DisplayData.item("device", device()))
          .add(DisplayData.item("precision", precision().code()));
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
