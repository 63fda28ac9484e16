package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RankMeTest {
  private static float[][] transposed(LabeledEmbeddings embeddings) {
    float[][] rows = new float[embeddings.dimension()][embeddings.size()];
    for (int i = 0; i < embeddings.size(); i++) {
      for (int j = 0; j < embeddings.dimension(); j++) {
        rows[j][i] = embeddings.get(i, j);
      }
    }
    return rows;
  }

  @ParameterizedTest
  @CsvSource({"50, 8", "700, 30", "9, 40", "1, 5", "5, 1"})
  void agreesWithSingularValues(int n, int d) {
    LabeledEmbeddings embeddings = TestEmbeddings.clouds(n, d, 3, 0.5, 1);
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(n, d, false, false, true);
    svd.decompose(new DMatrixRMaj(TestEmbeddings.rows(embeddings)));
    double[] singular = Arrays.copyOf(svd.getSingularValues(), svd.numberOfSingularValues());
    double sum = Arrays.stream(singular).sum();
    double entropy = Arrays.stream(singular).map(s -> -s / sum * Math.log(s / sum)).sum();
    assertThat(RankMe.of(embeddings)).isCloseTo(Math.exp(entropy), Offset.offset(1e-9));
    assertThat(RankMe.of(TestEmbeddings.of(transposed(embeddings))))
        .isCloseTo(Math.exp(entropy), Offset.offset(1e-9));
  }

  @Test
  void isTheDimensionForOrthonormalColumns() {
    float[][] rows = new float[20][20];
    for (int i = 0; i < 20; i++) {
      rows[i][i] = 3;
    }
    assertThat(RankMe.of(TestEmbeddings.of(rows))).isCloseTo(20, Offset.offset(1e-9));
  }

  @Test
  void isOneForCollapsedEmbeddings() {
    float[][] rows = new float[300][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new float[] {0.3f * (i + 1), -0.1f * (i + 1), 0.7f * (i + 1), 0, 0.2f * (i + 1)};
    }
    assertThat(RankMe.of(TestEmbeddings.of(rows))).isCloseTo(1, Offset.offset(1e-5));
    Arrays.fill(rows, new float[] {0.3f, -0.1f, 0.7f});
    assertThat(RankMe.of(TestEmbeddings.of(rows))).isCloseTo(1, Offset.offset(1e-9));
  }

  @Test
  void isZeroForZeros() {
    assertThat(RankMe.of(TestEmbeddings.of(new float[4][3]))).isZero();
  }

  @Test
  void ignoresScale() {
    LabeledEmbeddings embeddings = TestEmbeddings.clouds(60, 7, 2, 1, 1);
    float[][] rows = new float[60][7];
    for (int i = 0; i < 60; i++) {
      for (int j = 0; j < 7; j++) {
        rows[i][j] = 1024 * embeddings.get(i, j);
      }
    }
    assertThat(RankMe.of(TestEmbeddings.of(rows)))
        .isCloseTo(RankMe.of(embeddings), Offset.offset(1e-9));
  }
}
