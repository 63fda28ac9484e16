package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.random.SeededRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MatrixProductTest {
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "3, 4, 5", "2, 131, 7", "5, 256, 3", "4, 258, 19"})
  void isTheSumOfProducts(int m, int k, int n) {
    SeededRandom random = SeededRandom.of(m, k, n);
    double[][] a = matrix(random, m, k);
    double[][] b = matrix(random, k, n);
    double[][] out = matrix(random, m, n);
    double[][] expected = new double[m][n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        expected[i][j] = out[i][j];
        for (int l = 0; l < k; l++) {
          expected[i][j] += a[i][l] * b[l][j];
        }
      }
    }
    MatrixProduct.add(a, b, out);
    for (int i = 0; i < m; i++) {
      assertThat(out[i]).containsExactly(expected[i], Offset.offset(1e-12));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 5", "6, 2"})
  void transposes(int m, int n) {
    double[][] matrix = matrix(SeededRandom.of(m, n), m, n);
    double[][] transposed = MatrixProduct.transpose(matrix);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        assertThat(transposed[j][i]).isEqualTo(matrix[i][j]);
      }
    }
  }

  private static double[][] matrix(SeededRandom random, int rows, int columns) {
    double[][] matrix = new double[rows][columns];
    for (double[] row : matrix) {
      for (int j = 0; j < columns; j++) {
        row[j] = random.uniform(-1, 1);
      }
    }
    return matrix;
  }
}
