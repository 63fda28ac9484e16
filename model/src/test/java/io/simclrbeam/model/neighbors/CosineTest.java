package io.simclrbeam.model.neighbors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CosineTest {
  @Test
  void isThatOfTheAngle() {
    double sixtyDegrees =
        Cosine.similarity(new float[] {2, 0}, new float[] {1, (float) Math.sqrt(3)});

    assertThat(sixtyDegrees).isCloseTo(0.5, within(1e-7));
    assertThat(Cosine.similarity(new float[] {1, 1}, new float[] {-3, -3})).isEqualTo(-1);
    assertThat(Cosine.similarity(new float[] {1e30f, 0}, new float[] {0, 1e-30f})).isZero();
  }

  @Test
  void ofEqualVectorsIsExactlyOne() {
    RandomVectors random = new RandomVectors(37, 1);
    for (float[] vector : random.next(200)) {
      assertThat(Cosine.similarity(vector, vector.clone())).isEqualTo(1);
    }
    float[] tiny = {Float.MIN_VALUE, 0};
    assertThat(Cosine.similarity(tiny, tiny)).isEqualTo(1);
  }

  @Test
  void whatHasNoDirectionIsSimilarToNothing() {
    float[] zeros = new float[3];

    assertThat(Cosine.similarity(zeros, zeros)).isZero();
    assertThat(Cosine.similarity(zeros, new float[] {1, 2, 3})).isZero();
    assertThat(Cosine.hasDirection(zeros)).isFalse();
    assertThat(Cosine.hasDirection(new float[] {0, Float.MIN_VALUE})).isTrue();
    assertThat(Cosine.hasDirection(new float[] {1, Float.NaN})).isFalse();
    assertThat(Cosine.hasDirection(new float[] {1, Float.NEGATIVE_INFINITY})).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 100, 2051})
  void float32IsNoFurtherOffThanTheBound(int dimension) {
    List<float[]> vectors = new RandomVectors(dimension, 2).clustered(150, 0.5);
    UnitColumns columns = new UnitColumns(dimension);
    vectors.forEach(columns::add);
    float[] unit = new float[dimension];
    float[] products = new float[UnitColumns.WIDTH];

    for (float[] vector : vectors) {
      Cosine.scale(vector, unit);
      for (int i = 0; i < vectors.size(); i++) {
        columns.multiply(unit, i / UnitColumns.WIDTH, products);
        assertThat((double) products[i % UnitColumns.WIDTH])
            .isCloseTo(
                Cosine.similarity(vector, vectors.get(i)), within(Cosine.floatError(dimension)));
      }
    }
  }
}
