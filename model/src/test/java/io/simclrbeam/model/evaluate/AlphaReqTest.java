package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AlphaReqTest {
  /** Two embeddings on each axis, opposite to each other, and all of them moved. */
  private static LabeledEmbeddings falling(int dimension, double alpha) {
    float[][] rows = new float[2 * dimension][dimension];
    for (int i = 0; i < dimension; i++) {
      float length = (float) Math.pow(i + 1, -alpha / 2);
      rows[2 * i][i] = length;
      rows[2 * i + 1][i] = -length;
    }
    for (float[] row : rows) {
      for (int i = 0; i < dimension; i++) {
        row[i] += 3;
      }
    }
    return TestEmbeddings.of(rows);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5, 1, 2.5})
  void ofAPowerLawItIsThePower(double alpha) {
    assertThat(AlphaReq.of(falling(160, alpha)).getAsDouble()).isCloseTo(alpha, within(1e-3));
    assertThat(AlphaReq.of(falling(20, alpha)).getAsDouble()).isCloseTo(alpha, within(1e-3));
  }

  /** Singular values of the centered matrix, and the slope at which the weighted error is least. */
  @ParameterizedTest
  @CsvSource({"300, 30", "30, 300", "150, 120"})
  void agreesWithSingularValues(int n, int d) {
    LabeledEmbeddings embeddings = TestEmbeddings.clouds(n, d, 3, 0.5, 1);
    double[][] rows = TestEmbeddings.rows(embeddings);
    for (int j = 0; j < d; j++) {
      double mean = 0;
      for (double[] row : rows) {
        mean += row[j] / n;
      }
      for (double[] row : rows) {
        row[j] -= mean;
      }
    }
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(n, d, false, false, true);
    svd.decompose(new DMatrixRMaj(rows));
    double[] singular = svd.getSingularValues();
    Arrays.sort(singular);
    double alpha = AlphaReq.of(embeddings).getAsDouble();
    int last = Math.min(100, Math.min(n - 1, d));
    assertThat(error(singular, last, alpha))
        .isLessThan(error(singular, last, alpha + 1e-4))
        .isLessThan(error(singular, last, alpha - 1e-4));
  }

  /** The weighted squared error of the best line of a slope. */
  private static double error(double[] singular, int last, double alpha) {
    double weights = 0;
    double sum = 0;
    double squares = 0;
    for (int i = 4; i <= last; i++) {
      double value = singular[singular.length - i];
      double rest = Math.log(value * value) + alpha * Math.log(i);
      weights += 1.0 / i;
      sum += rest / i;
      squares += rest * rest / i;
    }
    return squares - sum * sum / weights;
  }

  @Test
  void fewDirectionsHaveNone() {
    assertThat(AlphaReq.of(falling(4, 1))).isEmpty();
    assertThat(AlphaReq.of(TestEmbeddings.of(new float[50][30]))).isEmpty();
    assertThat(AlphaReq.of(falling(5, 1))).isPresent();
  }
}
