package io.simclrbeam.model.neighbors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SphericalKMeansTest {
  @Test
  void learnsWhatAPlainLoopLearns() {
    List<float[]> sample = new RandomVectors(5, 11).next(300);
    double[][] expected = new double[7][];
    for (int cell = 0; cell < 7; cell++) {
      expected[cell] = unit(sample.get(cell));
    }
    for (int iteration = 0; iteration < 4; iteration++) {
      double[][] sums = new double[7][5];
      for (float[] vector : sample) {
        double[] unit = unit(vector);
        int home = 0;
        for (int cell = 1; cell < 7; cell++) {
          home = product(unit, expected[cell]) > product(unit, expected[home]) ? cell : home;
        }
        for (int k = 0; k < 5; k++) {
          sums[home][k] += unit[k];
        }
      }
      for (int cell = 0; cell < 7; cell++) {
        double length = Math.sqrt(product(sums[cell], sums[cell]));
        for (int k = 0; k < 5; k++) {
          expected[cell][k] = sums[cell][k] / length;
        }
      }
    }

    Cells cells = SphericalKMeans.learn(sample, 7, 4);

    assertThat(cells.size()).isEqualTo(7);
    for (int cell = 0; cell < 7; cell++) {
      for (int k = 0; k < 5; k++) {
        assertThat((double) cells.centroids().get(cell)[k])
            .isCloseTo(expected[cell][k], within(1e-6));
      }
    }
  }

  @Test
  void cellsWithoutVectorsStayWhereTheyWere() {
    float[] a = {1, 0};
    float[] b = {0, 2};
    List<float[]> sample = new ArrayList<>(List.of(a, a, b));

    Cells cells = SphericalKMeans.learn(sample, 3, 5);

    assertThat(cells.centroids().get(0)).containsExactly(1, 0);
    assertThat(cells.centroids().get(1)).containsExactly(1, 0);
    assertThat(cells.centroids().get(2)).containsExactly(0, 1);
  }

  @Test
  void thereAreNoMoreCellsThanVectors() {
    assertThat(SphericalKMeans.learn(new RandomVectors(3, 12).next(4), 10, 3).size()).isEqualTo(4);
  }

  private static double[] unit(float[] vector) {
    double squares = 0;
    for (float number : vector) {
      squares += (double) number * number;
    }
    double[] unit = new double[vector.length];
    for (int k = 0; k < unit.length; k++) {
      unit[k] = vector[k] / Math.sqrt(squares);
    }
    return unit;
  }

  private static double product(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return sum;
  }
}
