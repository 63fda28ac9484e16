package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class StandardizationTest {
  @Test
  void givesMeanZeroAndDeviationOne() {
    LabeledEmbeddings embeddings = TestEmbeddings.clouds(500, 3, 1, 4, 1);
    double[][] rows = Standardization.of(embeddings).rows(embeddings, 0, 500);
    for (int j = 0; j < 3; j++) {
      double sum = 0;
      double squares = 0;
      for (double[] row : rows) {
        sum += row[j];
        squares += row[j] * row[j];
      }
      assertThat(sum / 500).isCloseTo(0, Offset.offset(1e-12));
      assertThat(squares / 500).isCloseTo(1, Offset.offset(1e-12));
    }
  }

  @Test
  void usesTheStatisticsItWasFittedOn() {
    Standardization fitted =
        Standardization.of(TestEmbeddings.of(new float[] {1, 10}, new float[] {3, 50}));
    assertThat(fitted.rows(TestEmbeddings.of(new float[] {4, 10}), 0, 1))
        .isDeepEqualTo(new double[][] {{2, -1, 1}});
  }

  @Test
  void silencesConstantFeatures() {
    float almost = Math.nextUp(0.7f);
    Standardization fitted =
        Standardization.of(
            TestEmbeddings.of(
                new float[] {0, 0.1f, 0.7f},
                new float[] {0, 0.1f, almost},
                new float[] {0, 0.1f, 0.7f}));
    assertThat(fitted.rows(TestEmbeddings.of(new float[] {5, 5, 5}), 0, 1))
        .isDeepEqualTo(new double[][] {{0, 0, 0, 1}});
  }
}
