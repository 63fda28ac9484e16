package io.simclrbeam.transforms.embedding;

import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.dataset.EmbeddingCoder;
import io.simclrbeam.transforms.dataset.WriteRun;
import io.simclrbeam.transforms.images.ImageChunk;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.ImageRefCoder;
import io.simclrbeam.transforms.progress.ImageProgress;
import io.simclrbeam.transforms.rejects.Reject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads, decodes, resizes and encodes the images of each chunk in one step, so that no pixels
 * travel. Yields {@link #EMBEDDINGS}, {@link #REJECTS} and {@link #FINDINGS}.
 *
 * <p>An image's embedding does not depend on the other images, nor on how many there are.
 */
public final class ComputeEmbeddings extends PTransform<PCollection<ImageChunk>, PCollectionTuple> {
  private static final long serialVersionUID = 1;

  /** The embeddings of the usable images. */
  public static final TupleTag<Embedding> EMBEDDINGS = new TupleTag<>("embeddings") {};

  /** {@link Reject} records. */
  public static final TupleTag<GenericRecord> REJECTS = new TupleTag<>("rejects") {};

  /** The images whose bytes nobody has read before, with the SHA-256 of these. */
  public static final TupleTag<ImageRef> FINDINGS = new TupleTag<>("findings") {};

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
    ParDo.MultiOutput<ImageChunk, Embedding> encoding =
        ParDo.of(new EncodeFn(spec))
            .withOutputTags(EMBEDDINGS, TupleTagList.of(REJECTS).and(FINDINGS));
    PCollectionTuple outputs = chunks.apply("Encode", encoding.setResourceHints(spec.hints()));
    outputs.get(EMBEDDINGS).setCoder(EmbeddingCoder.of());
    outputs.get(REJECTS).setCoder(AvroCoder.of(Reject.SCHEMA));
    outputs.get(FINDINGS).setCoder(ImageRefCoder.of());
    return outputs;
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    spec.addTo(builder);
  }

  private static final class EncodeFn extends DoFn<ImageChunk, Embedding> {
    private final EmbeddingSpec spec;
    private final Counter embedded = Metrics.counter(ComputeEmbeddings.class, "images_embedded");
    private final Counter rejected = Metrics.counter(ComputeEmbeddings.class, "images_rejected");
    private transient @Nullable BatchEncoder batch;
    private transient @Nullable ImageProgress progress;

    EncodeFn(EmbeddingSpec spec) {
      this.spec = spec;
    }

    @Setup
    public void setup() {
      Encoders.enter(true);
      progress = ImageProgress.enter(spec.run().folder(), "embedded");
    }

    @Teardown
    public void teardown() {
      Encoders.leave(true);
      Objects.requireNonNull(progress).leave();
    }

    @ProcessElement
    public void process(@Element ImageChunk chunk, MultiOutputReceiver out) throws IOException {
      if (batch == null) {
        batch = new BatchEncoder(Encoders.get(spec), spec.batchSize(), spec.maxPixels());
      }
      List<Embedding.Builder> images = new ArrayList<>();
      try (ImageReader reader = ImageReader.of(chunk.images())) {
        for (ImageRef image : chunk.images()) {
          try {
            byte[] encoded = reader.next();
            ImageRef read = image;
            if (image.contentSha256() == null) {
              read = image.withContentSha256(Sha256.of(encoded));
              if (image.mark() != null) {
                out.get(FINDINGS).output(read);
              }
            }
            images.add(describe(read, batch.add(encoded)));
          } catch (RejectedImageException e) {
            rejected.inc();
            out.get(REJECTS).output(Reject.of(image.uri(), image.id(), WriteRun.JOB, e));
          }
          if (batch.isFull()) {
            encode(images, batch, out);
          }
        }
      }
      encode(images, batch, out);
    }

    private void encode(
        List<Embedding.Builder> images, BatchEncoder batch, MultiOutputReceiver out) {
      float[][] vectors = batch.encode();
      for (int i = 0; i < vectors.length; i++) {
        out.get(EMBEDDINGS).output(images.get(i).setVector(vectors[i]).build());
      }
      images.clear();
      embedded.inc(vectors.length);
      Objects.requireNonNull(progress).add(vectors.length);
    }

    private Embedding.Builder describe(ImageRef image, RgbImage picture) {
      return Embedding.builder()
          .setId(image.id())
          .setUri(image.uri())
          .setLabel(image.label())
          .setContentSha256(Objects.requireNonNull(image.contentSha256()))
          .setWidth(picture.width())
          .setHeight(picture.height())
          .setModelId(spec.run().modelId())
          .setEmbeddedAt(Instant.ofEpochMilli(spec.run().startedAtMillis()));
    }
  }
}
