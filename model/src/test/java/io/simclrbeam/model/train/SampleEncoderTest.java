package io.simclrbeam.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SampleEncoderTest {
  private final List<Integer> batches = new ArrayList<>();

  /** Makes {@code [value, 1]} of an image of one byte, and infinity of a 7. */
  private float[] encode(ByteBuffer images) {
    batches.add(images.remaining());
    float[] vectors = new float[2 * images.remaining()];
    for (int i = 0; images.hasRemaining(); i++) {
      byte value = images.get();
      vectors[2 * i] = value == 7 ? Float.POSITIVE_INFINITY : value;
      vectors[2 * i + 1] = 1;
    }
    return vectors;
  }

  @Test
  void embedsInBatchesAndLeavesOutWhatIsNotFinite() {
    SampleEncoder encoder = new SampleEncoder(this::encode, 1, 4);
    for (byte value = 0; value < 10; value++) {
      encoder.add("image-" + value, value % 2 == 0 ? "even" : null, new byte[] {value});
    }
    LabeledEmbeddings embeddings = encoder.embeddings().orElseThrow();
    assertThat(batches).containsExactly(4, 4, 2);
    assertThat(embeddings.ids()).hasSize(9).doesNotContain("image-7");
    for (int row = 0; row < 9; row++) {
      int value = row < 7 ? row : row + 1;
      assertThat(embeddings.ids().get(row)).isEqualTo("image-" + value);
      assertThat(embeddings.get(row, 0)).isEqualTo(value);
      assertThat(embeddings.labels().get(row)).isEqualTo(value % 2 == 0 ? "even" : null);
    }
  }

  @Test
  void hasNothingToSayWithoutImages() {
    SampleEncoder encoder = new SampleEncoder(this::encode, 1, 4);
    assertThat(encoder.embeddings()).isEmpty();
    encoder.add("image", null, new byte[] {7});
    assertThat(encoder.embeddings()).isEmpty();
  }
}
