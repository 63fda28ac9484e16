package io.simclrbeam.transforms.embedding;

import io.simclrbeam.model.encode.FrozenEncoder;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.model.train.ComputeDevice;
import io.simclrbeam.transforms.dataset.Canaries;
import io.simclrbeam.transforms.dataset.CanaryReport;
import io.simclrbeam.transforms.images.ImageChunk;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Top;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;

/**
 * Embeds the canaries of a model, images that every run embeds from bytes that were kept, and
 * compares them with the last run's: the weights and the bytes are the same, so whatever differs
 * comes from the machine, the libraries or the code. The first run of a model chooses them among
 * its images.
 */
final class CheckCanaries extends PTransform<PCollection<ImageChunk>, PCollection<CanaryReport>> {
  private static final long serialVersionUID = 1;

  /** Some of the images chosen may not be usable. */
  private static final int CANDIDATES_PER_CANARY = 2;

  private final EmbeddingSpec spec;

  private CheckCanaries(EmbeddingSpec spec) {
    this.spec = spec;
  }

  static CheckCanaries of(EmbeddingSpec spec) {
    return new CheckCanaries(spec);
  }

  @Override
  public PCollection<CanaryReport> expand(PCollection<ImageChunk> chunks) {
    return chunks
        .apply("Rank", ParDo.of(new RankFn()))
        .setCoder(KvCoder.of(VarLongCoder.of(), SerializableCoder.of(ImageRef.class)))
        .apply("Choose", Top.of(CANDIDATES_PER_CANARY * spec.canaries(), new ByRank()))
        .apply("Check", ParDo.of(new CheckFn(spec)))
        .setCoder(SerializableCoder.of(CanaryReport.class));
  }

  private static final class RankFn extends DoFn<ImageChunk, KV<Long, ImageRef>> {
    @ProcessElement
    public void process(@Element ImageChunk chunk, OutputReceiver<KV<Long, ImageRef>> out) {
      for (ImageRef image : chunk.images()) {
        out.output(KV.of(SeededRandom.of(image.id().hashCode()).nextLong(), image));
      }
    }
  }

  private static final class ByRank implements Comparator<KV<Long, ImageRef>>, Serializable {
    private static final long serialVersionUID = 1;

    @Override
    public int compare(KV<Long, ImageRef> a, KV<Long, ImageRef> b) {
      int byRank = a.getKey().compareTo(b.getKey());
      return byRank != 0 ? byRank : a.getValue().id().compareTo(b.getValue().id());
    }
  }

  private static final class CheckFn extends DoFn<List<KV<Long, ImageRef>>, CanaryReport> {
    private final EmbeddingSpec spec;

    CheckFn(EmbeddingSpec spec) {
      this.spec = spec;
    }

    @ProcessElement
    public void process(
        @Element List<KV<Long, ImageRef>> candidates, OutputReceiver<CanaryReport> out)
        throws IOException {
      if (spec.canaries() == 0) {
        out.output(new CanaryReport(0, 0, 0, "", true));
        return;
      }
      FrozenEncoder encoder = Encoders.get(spec);
      Canaries canaries = Canaries.read(spec.run());
      if (canaries == null) {
        canaries = choose(candidates, new BatchEncoder(encoder, 1));
        canaries.keep(spec.run());
      }
      List<float[]> vectors = new ArrayList<>();
      BatchEncoder batch = new BatchEncoder(encoder, 1);
      for (byte[] image : canaries.images()) {
        try {
          batch.add(image);
        } catch (RejectedImageException e) {
          throw new IllegalStateException(
              "a canary in %s cannot be decoded any more: %s"
                  .formatted(spec.run().modelFolder(), e.getMessage()),
              e);
        }
        vectors.add(batch.encode()[0]);
      }
      String hardware = ComputeDevice.describe(ComputeDevice.resolve(spec.device()));
      out.output(canaries.compare(spec.run(), vectors, hardware));
    }

    private Canaries choose(List<KV<Long, ImageRef>> candidates, BatchEncoder check) {
      List<ImageRef> refs = candidates.stream().map(KV::getValue).toList();
      List<byte[]> images = new ArrayList<>();
      try (ImageReader reader = ImageReader.of(refs)) {
        for (int i = 0; i < refs.size() && images.size() < spec.canaries(); i++) {
          try {
            byte[] image = reader.next();
            check.add(image);
            check.encode();
            images.add(image);
          } catch (RejectedImageException e) {
            // The run itself rejects it.
          }
        }
      }
      return new Canaries(images);
    }
  }
}
