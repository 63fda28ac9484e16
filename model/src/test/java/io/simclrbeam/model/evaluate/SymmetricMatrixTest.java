package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simclrbeam.model.random.SeededRandom;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SymmetricMatrixTest {
  private static final double EXACT = 1e-12;

  private static double[] sorted(DMatrixRMaj matrix) {
    double[] values = SymmetricMatrix.eigenvalues(matrix);
    Arrays.sort(values);
    return values;
  }

  private static void checkRoot(DMatrixRMaj matrix, double scale) {
    DMatrixRMaj root = SymmetricMatrix.squareRoot(matrix);
    DMatrixRMaj square = new DMatrixRMaj(matrix.numRows, matrix.numRows);
    CommonOps_DDRM.mult(root, root, square);
    for (int i = 0; i < square.data.length; i++) {
      assertThat(square.data[i]).isCloseTo(matrix.data[i], within(EXACT * scale));
    }
  }

  /** v v^T has the eigenvalues |v|^2 and 0. Most of these v came to no end without the shift. */
  @ParameterizedTest
  @ValueSource(doubles = {1, 3, 1e-45, 1e-180, 1e80, 1e150})
  void rankOne(double scale) {
    for (int size : new int[] {1, 2, 5, 27, 192, 432}) {
      for (int kind = 0; kind < 4; kind++) {
        DMatrixRMaj vector = new DMatrixRMaj(size, 1);
        double squares = 0;
        for (int i = 0; i < size; i++) {
          double value =
              switch (kind) {
                case 0 -> 1;
                case 1 -> (i * 3 / size + 1) / 3.0;
                case 2 -> SeededRandom.of(kind, size, i).nextDouble() - 0.5;
                default -> Math.pow(10, -8.0 * i / size);
              };
          vector.set(i, value);
          squares += value * value;
        }
        DMatrixRMaj matrix = new DMatrixRMaj(size, size);
        CommonOps_DDRM.multOuter(vector, matrix);
        CommonOps_DDRM.scale(scale, matrix);
        double[] values = sorted(matrix);
        double largest = squares * scale;
        assertThat(values[size - 1]).isCloseTo(largest, within(EXACT * largest));
        for (int i = 0; i < size - 1; i++) {
          assertThat(values[i]).isCloseTo(0, within(EXACT * largest));
        }
        assertThat(RankMe.ofEigenvalues(values)).isCloseTo(1, within(EXACT));
        if (size < 100) {
          checkRoot(matrix, largest);
        }
      }
    }
  }

  @Test
  void zerosAndDiagonals() {
    for (int size : new int[] {1, 2, 50, 300}) {
      DMatrixRMaj matrix = new DMatrixRMaj(size, size);
      assertThat(sorted(matrix)).containsOnly(0);
      assertThat(RankMe.ofEigenvalues(sorted(matrix))).isZero();
      checkRoot(matrix, 0);
      for (int i = 0; i < size; i++) {
        matrix.set(i, i, Math.pow(10, -i));
      }
      assertThat(sorted(matrix)[size - 1]).isCloseTo(1, within(EXACT));
      checkRoot(matrix, 1);
      CommonOps_DDRM.setIdentity(matrix);
      for (double value : sorted(matrix)) {
        assertThat(value).isCloseTo(1, within(EXACT));
      }
    }
  }

  /** The trace is the sum of the eigenvalues, and that of the square the sum of their squares. */
  @Test
  void fewDirectionsOfAnySize() {
    for (int size = 2; size < 60; size++) {
      for (int rank = 2; rank <= 4; rank++) {
        SeededRandom random = SeededRandom.of(size, rank);
        DMatrixRMaj rows = new DMatrixRMaj(rank, size);
        for (int i = 0; i < rank; i++) {
          for (int j = 0; j < size; j++) {
            rows.set(i, j, (random.nextDouble() - 0.2) * Math.pow(10, -3.0 * i));
          }
        }
        DMatrixRMaj matrix = new DMatrixRMaj(size, size);
        CommonOps_DDRM.multInner(rows, matrix);
        double[] values = sorted(matrix);
        double trace = CommonOps_DDRM.trace(matrix);
        assertThat(Arrays.stream(values).sum()).isCloseTo(trace, within(EXACT * trace));
        assertThat(Arrays.stream(values).map(value -> value * value).sum())
            .isCloseTo(
                Arrays.stream(matrix.data).map(value -> value * value).sum(),
                within(EXACT * trace * trace));
        for (int i = 0; i < size - rank; i++) {
          assertThat(values[i]).isCloseTo(0, within(EXACT * trace));
        }
        checkRoot(matrix, trace);
      }
    }
  }
}
