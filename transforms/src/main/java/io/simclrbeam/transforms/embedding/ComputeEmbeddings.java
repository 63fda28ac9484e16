package io.simclrbeam.transforms.embedding;

import io.simclrbeam.model.augment.InferenceTransform;
import io.simclrbeam.model.encode.FrozenEncoder;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.dataset.EmbeddingCoder;
import io.simclrbeam.transforms.images.ImageChunk;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.rejects.Reject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads, decodes, resizes and encodes the images of each chunk, all in one place: no pixels travel.
 * Yields {@link #EMBEDDINGS} and {@link #REJECTS}. Chunks must be no larger than the spec's batch.
 *
 * <p>Every batch goes through the encoder at full size, whatever is in the rest of it, so that an
 * image's embedding does not depend on how many others happen to be beside it.
 */
public final class ComputeEmbeddings extends PTransform<PCollection<ImageChunk>, PCollectionTuple> {
  private static final long serialVersionUID = 1;

  /** The embeddings of the usable images. */
  public static final TupleTag<Embedding> EMBEDDINGS = new TupleTag<>() {};

  /** {@link Reject} records. */
  public static final TupleTag<GenericRecord> REJECTS = new TupleTag<>() {};

  private static final String STAGE = "embed";

  private final EmbeddingSpec spec;

  private ComputeEmbeddings(EmbeddingSpec spec) {
    this.spec = spec;
  }

  /** Embeds as a spec says. */
  public static ComputeEmbeddings of(EmbeddingSpec spec) {
    return new ComputeEmbeddings(spec);
  }

  @Override
  public PCollectionTuple expand(PCollection<ImageChunk> chunks) {
    PCollectionTuple outputs =
        chunks.apply(
            "Encode",
            ParDo.of(new EncodeFn(spec)).withOutputTags(EMBEDDINGS, TupleTagList.of(REJECTS)));
    outputs.get(EMBEDDINGS).setCoder(EmbeddingCoder.of());
    outputs.get(REJECTS).setCoder(AvroCoder.of(Reject.SCHEMA));
    return outputs;
  }

  private static final class EncodeFn extends DoFn<ImageChunk, Embedding> {
    private final EmbeddingSpec spec;
    private final Counter embedded = Metrics.counter(ComputeEmbeddings.class, "images_embedded");
    private final Counter rejected = Metrics.counter(ComputeEmbeddings.class, "images_rejected");
    private transient @Nullable ImageDecoder decoder;
    private transient @Nullable ByteBuffer batch;

    EncodeFn(EmbeddingSpec spec) {
      this.spec = spec;
    }

    private record Loaded(ImageRef ref, String contentSha256, int width, int height) {}

    @ProcessElement
    public void process(@Element ImageChunk chunk, MultiOutputReceiver out) throws IOException {
      FrozenEncoder encoder = Encoders.get(spec);
      List<Loaded> images = load(chunk, encoder, out);
      if (images.isEmpty()) {
        return;
      }
      float[] embeddings = encoder.encode(batch(encoder).rewind());
      int dimension = encoder.card().dimension();
      for (int i = 0; i < images.size(); i++) {
        float[] vector = Arrays.copyOfRange(embeddings, i * dimension, (i + 1) * dimension);
        out.get(EMBEDDINGS).output(embedding(images.get(i), vector));
      }
      embedded.inc(images.size());
    }

    /** Puts the usable images of a chunk one after the other into the batch. */
    private List<Loaded> load(ImageChunk chunk, FrozenEncoder encoder, MultiOutputReceiver out) {
      int size = encoder.card().imageSize();
      InferenceTransform resize =
          new InferenceTransform(size, encoder.card().settings().views().interpolation());
      byte[] pixels = new byte[size * size * 3];
      ByteBuffer target = batch(encoder).clear();
      List<Loaded> loaded = new ArrayList<>();
      try (ImageReader reader = ImageReader.of(chunk.images())) {
        for (ImageRef image : chunk.images()) {
          try {
            byte[] encoded = reader.next();
            RgbImage picture = decoder(encoder).decode(encoded);
            resize.apply(picture, pixels, 0);
            target.put(pixels);
            loaded.add(new Loaded(image, Sha256.of(encoded), picture.width(), picture.height()));
          } catch (RejectedImageException e) {
            rejected.inc();
            out.get(REJECTS).output(Reject.of(image.uri(), image.id(), STAGE, e));
          }
        }
      }
      return loaded;
    }

    private ImageDecoder decoder(FrozenEncoder encoder) {
      if (decoder == null) {
        decoder = new ImageDecoder(encoder.card().settings().exifOrientation());
      }
      return decoder;
    }

    private ByteBuffer batch(FrozenEncoder encoder) {
      if (batch == null) {
        int size = encoder.card().imageSize();
        batch = ByteBuffer.allocateDirect(spec.batchSize() * size * size * 3);
      }
      return batch;
    }

    private Embedding embedding(Loaded image, float[] vector) {
      return Embedding.builder()
          .setId(image.ref.id())
          .setUri(image.ref.uri())
          .setLabel(spec.folderLabels() ? image.ref.label() : null)
          .setContentSha256(image.contentSha256)
          .setWidth(image.width)
          .setHeight(image.height)
          .setModelId(spec.modelId())
          .setEmbeddedAt(Instant.ofEpochMilli(spec.startedAtMillis()))
          .setVector(vector)
          .build();
    }
  }
}
