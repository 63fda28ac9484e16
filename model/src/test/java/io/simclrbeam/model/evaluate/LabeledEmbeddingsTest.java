package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LabeledEmbeddingsTest {
  private static final List<String> IDS = List.of("b", "a");

  @Test
  void keepsWhatItWasGiven() {
    float[] vectors = {1, 2, 3, 4, 5, 6};
    LabeledEmbeddings embeddings = LabeledEmbeddings.of(IDS, Arrays.asList("x", null), 3, vectors);
    vectors[0] = 9;
    assertThat(embeddings.size()).isEqualTo(2);
    assertThat(embeddings.dimension()).isEqualTo(3);
    assertThat(embeddings.ids()).containsExactly("b", "a");
    assertThat(embeddings.labels()).containsExactly("x", null);
    assertThat(embeddings.get(0, 0)).isEqualTo(1);
    assertThat(embeddings.get(1, 2)).isEqualTo(6);
  }

  @Test
  void sortsWholeRows() {
    LabeledEmbeddings sorted =
        LabeledEmbeddings.of(IDS, Arrays.asList("x", null), 2, new float[] {1, 2, 3, 4})
            .sortedById();
    assertThat(sorted.ids()).containsExactly("a", "b");
    assertThat(sorted.labels()).containsExactly(null, "x");
    assertThat(sorted.get(0, 0)).isEqualTo(3);
    assertThat(sorted.get(1, 1)).isEqualTo(2);
  }

  @Test
  void shufflesByIdAlone() {
    LabeledEmbeddings embeddings = TestEmbeddings.clouds(200, 2, 2, 1, 1);
    int[] order = embeddings.shuffledRows();
    assertThat(order).doesNotHaveDuplicates().hasSize(200);
    assertThat(order).isNotEqualTo(Arrays.stream(order).sorted().toArray());
    LabeledEmbeddings reordered = embeddings.select(order);
    assertThat(reordered.select(reordered.shuffledRows()).ids()).isEqualTo(reordered.ids());
  }

  @Test
  void scalesRowsToLengthOneAndLeavesZeros() {
    LabeledEmbeddings embeddings = TestEmbeddings.of(new float[] {3, 4}, new float[] {0, 0});
    assertThat(embeddings.unitRows(0, 2)).isDeepEqualTo(new double[][] {{0.6, 0.8}, {0, 0}});
  }

  @Test
  void refusesSizesThatDisagree() {
    assertThatThrownBy(() -> LabeledEmbeddings.of(IDS, List.of("x", "y"), 2, new float[5]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 ids need 2 labels and 2 x 2 numbers")
        .hasMessageContaining("2 labels and 5 numbers");
    assertThatThrownBy(() -> LabeledEmbeddings.of(IDS, List.of("x"), 2, new float[4]))
        .hasMessageContaining("there are 1 labels and 4 numbers");
    assertThatThrownBy(() -> LabeledEmbeddings.of(List.of(), List.of(), 2, new float[0]))
        .hasMessage("there are no embeddings");
    assertThatThrownBy(() -> LabeledEmbeddings.of(IDS, List.of("x", "y"), 0, new float[0]))
        .hasMessageContaining("dimension of at least 1, but it is 0");
  }

  @Test
  void refusesTheSameIdTwice() {
    assertThatThrownBy(
            () -> LabeledEmbeddings.of(List.of("a", "a"), List.of("x", "y"), 1, new float[] {1, 2}))
        .hasMessageContaining("the id a occurs twice");
  }

  @Test
  void refusesNumbersThatAreNotFinite() {
    assertThatThrownBy(
            () -> LabeledEmbeddings.of(IDS, List.of("x", "y"), 2, new float[] {1, 2, 3, Float.NaN}))
        .hasMessageContaining("the embedding of a holds NaN at position 1");
  }
}
