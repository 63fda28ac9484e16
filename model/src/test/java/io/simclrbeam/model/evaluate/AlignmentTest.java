package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class AlignmentTest {
  @Test
  void isTheMeanOverAllPairsOfAClass() {
    LabeledEmbeddings embeddings =
        TestEmbeddings.clouds(101, 6, 4, 1, 1); // classes of unequal size
    double[][] rows = TestEmbeddings.unitRows(embeddings);
    double sum = 0;
    int pairs = 0;
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows.length; j++) {
        if (i != j && i % 4 == j % 4) {
          sum += TestEmbeddings.squaredDistance(rows[i], rows[j]);
          pairs++;
        }
      }
    }
    assertThat(Alignment.of(embeddings)).hasValueCloseTo(sum / pairs, Offset.offset(1e-12));
  }

  @Test
  void isZeroWhereClassesArePoints() {
    LabeledEmbeddings embeddings = TestEmbeddings.clouds(90, 16, 3, 0, 1);
    assertThat(Alignment.of(embeddings)).hasValueCloseTo(0.0, Offset.offset(1e-12));
  }

  @Test
  void isFourForOppositePairs() {
    float[][] rows = {{1, 0}, {-2, 0}, {0, 3}, {0, -1}};
    assertThat(Alignment.of(TestEmbeddings.of(rows, new int[] {0, 0, 1, 1})))
        .hasValueCloseTo(4.0, Offset.offset(1e-12));
  }

  @Test
  void isUndefinedWithoutPairs() {
    float[][] rows = {{1, 0}, {0, 1}};
    assertThat(Alignment.of(TestEmbeddings.of(rows, new int[] {0, 1}))).isEmpty();
  }
}
