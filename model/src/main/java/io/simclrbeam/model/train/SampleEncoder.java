package io.simclrbeam.model.train;

import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Embeds the images of a sample, a batch at a time. Where weights are about to overflow, embeddings
 * that are not finite are left out: the next step says what has happened.
 */
final class SampleEncoder implements ProbeSample.Receiver {
  private final Function<ByteBuffer, float[]> encoder;
  private final ByteBuffer batch;
  private final List<String> batchIds = new ArrayList<>();
  private final List<@Nullable String> batchLabels = new ArrayList<>();
  private final List<String> ids = new ArrayList<>();
  private final List<@Nullable String> labels = new ArrayList<>();
  private final List<float[]> vectors = new ArrayList<>();

  /**
   * Creates one without images.
   *
   * @param encoder of uint8 {@code [N, size, size, 3]} to float32 {@code [N, D]}
   * @param imageBytes of an image's pixels
   * @param mostImages in a batch
   */
  SampleEncoder(Function<ByteBuffer, float[]> encoder, int imageBytes, int mostImages) {
    this.encoder = encoder;
    batch = ByteBuffer.allocateDirect(mostImages * imageBytes);
  }

  @Override
  public void add(String id, @Nullable String label, byte[] pixels) {
    batch.put(pixels);
    batchIds.add(id);
    batchLabels.add(label);
    if (!batch.hasRemaining()) {
      encode();
    }
  }

  private void encode() {
    float[] all = encoder.apply(batch.flip());
    int dimension = all.length / batchIds.size();
    for (int i = 0; i < batchIds.size(); i++) {
      float[] vector = Arrays.copyOfRange(all, i * dimension, (i + 1) * dimension);
      if (isFinite(vector)) {
        ids.add(batchIds.get(i));
        labels.add(batchLabels.get(i));
        vectors.add(vector);
      }
    }
    batch.clear();
    batchIds.clear();
    batchLabels.clear();
  }

  private static boolean isFinite(float[] vector) {
    for (float value : vector) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /** Returns the embeddings of the images in the order they were added; empty if there are none. */
  Optional<LabeledEmbeddings> embeddings() {
    if (!batchIds.isEmpty()) {
      encode();
    }
    if (vectors.isEmpty()) {
      return Optional.empty();
    }
    int dimension = vectors.get(0).length;
    float[] all = new float[vectors.size() * dimension];
    for (int i = 0; i < vectors.size(); i++) {
      System.arraycopy(vectors.get(i), 0, all, i * dimension, dimension);
    }
    return Optional.of(LabeledEmbeddings.of(ids, labels, dimension, all));
  }
}
