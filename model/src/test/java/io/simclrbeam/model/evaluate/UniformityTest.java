package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class UniformityTest {
  private static double byDefinition(LabeledEmbeddings embeddings) {
    double[][] rows = TestEmbeddings.unitRows(embeddings);
    double sum = 0;
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < i; j++) {
        sum += Math.exp(-2 * TestEmbeddings.squaredDistance(rows[i], rows[j]));
      }
    }
    return Math.log(sum / (0.5 * rows.length * (rows.length - 1)));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 256, 257, 600})
  void isTheLogarithmOfTheMeanOverAllPairs(int n) {
    LabeledEmbeddings embeddings = TestEmbeddings.clouds(n, 6, 5, 1, 1);
    assertThat(Uniformity.of(embeddings))
        .hasValueCloseTo(byDefinition(embeddings), Offset.offset(1e-10));
  }

  @Test
  void drawsTheSameSampleOfManyRowsInAnyOrder() {
    LabeledEmbeddings embeddings = TestEmbeddings.clouds(Uniformity.MAX_ROWS + 2000, 4, 50, 1, 1);
    double sampled = Uniformity.of(embeddings).orElseThrow();
    assertThat(sampled).isCloseTo(byDefinition(embeddings), Offset.offset(0.02));
    LabeledEmbeddings sample =
        embeddings.select(Arrays.copyOf(embeddings.shuffledRows(), Uniformity.MAX_ROWS));
    assertThat(sampled).isCloseTo(byDefinition(sample), Offset.offset(1e-10));
  }

  @Test
  void isZeroForOnePointAndLowForOppositePoints() {
    assertThat(Uniformity.of(TestEmbeddings.of(new float[] {1, 2}, new float[] {2, 4})))
        .hasValueCloseTo(0.0, Offset.offset(1e-12));
    assertThat(Uniformity.of(TestEmbeddings.of(new float[] {1, 2}, new float[] {-3, -6})))
        .hasValueCloseTo(-8.0, Offset.offset(1e-12));
  }

  @Test
  void measuresZerosAsTheCenter() {
    assertThat(Uniformity.of(TestEmbeddings.of(new float[] {1, 2}, new float[] {0, 0})))
        .hasValueCloseTo(-2.0, Offset.offset(1e-12));
  }

  @Test
  void isUndefinedForOneRow() {
    assertThat(Uniformity.of(TestEmbeddings.of(new float[] {1, 2}))).isEmpty();
  }
}
