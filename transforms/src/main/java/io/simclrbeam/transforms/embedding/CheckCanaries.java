package io.simclrbeam.transforms.embedding;

import ai.djl.Device;
import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.model.embed.FrozenEncoder;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.transforms.coders.SerialCoder;
import io.simclrbeam.transforms.dataset.Canaries;
import io.simclrbeam.transforms.images.DrawImages;
import io.simclrbeam.transforms.images.ImageChunk;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;

/**
 * Embeds the {@link Canaries} of a model and compares the embeddings with those of the last run.
 * The weights and the bytes are the same, so a difference comes from the machine, the libraries or
 * the code. They are embedded on the device that embeds the images, in the same precision. The
 * first run of a model chooses the canaries among its images. If it computes in int8, it compares
 * them with float32, because int8 depends on what the weights tell of activations.
 */
final class CheckCanaries
    extends PTransform<PCollection<ImageChunk>, PCollection<Canaries.Report>> {
  private static final long serialVersionUID = 1;

  /** Some of the images that are drawn may not be usable. */
  private static final int CANDIDATES_PER_CANARY = 2;

  private final EmbeddingSpec spec;

  private CheckCanaries(EmbeddingSpec spec) {
    this.spec = spec;
  }

  static CheckCanaries of(EmbeddingSpec spec) {
    return new CheckCanaries(spec);
  }

  @Override
  public PCollection<Canaries.Report> expand(PCollection<ImageChunk> chunks) {
    return chunks
        .apply("Draw", DrawImages.of(0, CANDIDATES_PER_CANARY * spec.canaries()))
        .apply("Check", ParDo.of(new CheckFn(spec)).setResourceHints(spec.hints()))
        .setCoder(SerialCoder.of(Canaries.Report.class));
  }

  private static final class CheckFn extends DoFn<List<ImageRef>, Canaries.Report> {
    private final EmbeddingSpec spec;

    CheckFn(EmbeddingSpec spec) {
      this.spec = spec;
    }

    @Setup
    public void setup() {
      Encoders.enter(false);
    }

    @Teardown
    public void teardown() {
      Encoders.leave(false);
    }

    @ProcessElement
    public void process(@Element List<ImageRef> candidates, OutputReceiver<Canaries.Report> out)
        throws IOException {
      FrozenEncoder encoder = Encoders.get(spec);
      Canaries canaries = Canaries.read(spec.run());
      if (canaries == null) {
        canaries =
            choose(
                candidates,
                new ImageDecoder(encoder.card().settings().exifOrientation(), spec.maxPixels()));
        if (!canaries.images().isEmpty()) {
          canaries.keep(spec.run());
        }
      }
      List<float[]> vectors = encode(canaries, encoder);
      Device device = ComputeDevice.resolve(spec.device());
      String hardware = ComputeDevice.describe(device);
      Canaries.Report report = canaries.compare(spec.run(), vectors, hardware);
      if (report.compared() == 0 && spec.precision() == Precision.INT8) {
        try (FrozenEncoder exact =
            FrozenEncoder.load(new BeamFileStore(spec.modelFolder()), device, Precision.FP32)) {
          List<float[]> others = encode(canaries, exact);
          report = Canaries.compare(vectors, others, hardware, Canaries.Reference.FLOAT32);
        }
      }
      out.output(report);
    }

    private Canaries choose(List<ImageRef> candidates, ImageDecoder decoder) {
      List<byte[]> images = new ArrayList<>();
      try (ImageReader reader = ImageReader.of(candidates)) {
        for (int i = 0; i < candidates.size() && images.size() < spec.canaries(); i++) {
          try {
            byte[] image = reader.next();
            decoder.decode(image);
            images.add(image);
          } catch (RejectedImageException e) {
            // The run itself rejects it.
          }
        }
      }
      return new Canaries(images);
    }

    private List<float[]> encode(Canaries canaries, FrozenEncoder encoder) {
      BatchEncoder batch = new BatchEncoder(encoder, spec.batchSize(), Long.MAX_VALUE);
      List<float[]> vectors = new ArrayList<>();
      for (byte[] image : canaries.images()) {
        try {
          batch.add(image);
        } catch (RejectedImageException e) {
          throw new IllegalStateException(
              "a canary in %s cannot be decoded any more: %s"
                  .formatted(spec.run().modelFolder(), e.getMessage()),
              e);
        }
        if (batch.isFull()) {
          vectors.addAll(Arrays.asList(batch.encode()));
        }
      }
      vectors.addAll(Arrays.asList(batch.encode()));
      return vectors;
    }
  }
}
