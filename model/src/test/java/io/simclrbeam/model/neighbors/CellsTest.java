package io.simclrbeam.model.neighbors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CellsTest {
  @ParameterizedTest
  @CsvSource({"2, 0.95, 30", "3, 0.9, 150", "16, 0.95, 10", "40, 0.7, 20", "8, 1, 5"})
  void everySimilarPairMeetsInOneCell(int dimension, double threshold, int cellCount) {
    double angle = Math.acos(threshold);
    List<float[]> vectors = new RandomVectors(dimension, 7).clustered(400, 1.1 * angle + 1e-6);
    Cells cells = SphericalKMeans.learn(vectors, cellCount, 3);
    List<Cells.Assignment> assigned =
        vectors.stream().map(vector -> cells.assign(vector, threshold)).toList();
    int apart = 0;
    for (int i = 0; i < vectors.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (Cosine.similarity(vectors.get(i), vectors.get(j)) >= threshold) {
          Cells.Assignment one = assigned.get(i);
          Cells.Assignment other = assigned.get(j);
          apart += one.home() == other.home() ? 0 : 1;
          assertThat(meetings(one, other)).isEqualTo(1);
        }
      }
    }
    assertThat(apart).isGreaterThanOrEqualTo(threshold < 1 ? 10 : 0);
  }

  /** In cells where at least one is at home, as guests are not compared with each other. */
  private static long meetings(Cells.Assignment one, Cells.Assignment other) {
    long together = one.home() == other.home() ? 1 : 0;
    long visits = one.visits().stream().filter(cell -> cell == other.home()).count();
    return together + visits + other.visits().stream().filter(cell -> cell == one.home()).count();
  }

  @Test
  void visitsTheOtherSideOnlyFromWithinTheAngleOfTheBorder() {
    double threshold = 0.95;
    double angle = Math.acos(threshold);
    // The border is at 45 degrees; cell 0 is visited from cell 2, as both numbers are even.
    Cells cells =
        Cells.around(List.of(direction(0), direction(-0.75 * Math.PI), direction(Math.PI / 2)));

    assertThat(cells.assign(direction(Math.PI / 4 + 0.999 * angle), threshold))
        .isEqualTo(new Cells.Assignment(2, List.of(0)));
    assertThat(cells.assign(direction(Math.PI / 4 + 1.001 * angle), threshold))
        .isEqualTo(new Cells.Assignment(2, List.of()));
    assertThat(cells.assign(direction(Math.PI / 4 - 0.999 * angle), threshold))
        .isEqualTo(new Cells.Assignment(0, List.of()));
  }

  @Test
  void nearestBordersComeFirst() {
    RandomVectors random = new RandomVectors(12, 8);
    Cells cells = Cells.around(random.next(40));
    int compared = 0;
    for (float[] vector : random.next(50)) {
      Cells.Assignment assignment = cells.assign(vector, 0.8);
      List<Double> borders =
          assignment.visits().stream()
              .map(cell -> angleToBorder(cells, vector, assignment.home(), cell))
              .toList();
      assertThat(borders).isSortedAccordingTo((a, b) -> a < b - 1e-5 ? -1 : a > b + 1e-5 ? 1 : 0);
      assertThat(borders).allMatch(angle -> angle <= Math.acos(0.8) + 1e-5);
      compared += borders.size();
    }
    assertThat(compared).isGreaterThan(100);
  }

  private static double angleToBorder(Cells cells, float[] vector, int home, int cell) {
    float[] normal = new float[vector.length];
    for (int k = 0; k < normal.length; k++) {
      normal[k] = cells.centroids().get(home)[k] - cells.centroids().get(cell)[k];
    }
    return Math.asin(Cosine.similarity(vector, normal));
  }

  @Test
  void homeIsTheMostSimilarCentroidAndTheFirstOfEquals() {
    RandomVectors random = new RandomVectors(9, 9);
    List<float[]> centroids = random.next(300);
    Cells cells = Cells.around(centroids);
    for (float[] vector : random.next(100)) {
      double most =
          centroids.stream()
              .mapToDouble(centroid -> Cosine.similarity(vector, centroid))
              .max()
              .getAsDouble();
      assertThat(Cosine.similarity(vector, centroids.get(cells.home(vector))))
          .isCloseTo(most, within(1e-6));
    }
    Cells equal = Cells.around(List.of(centroids.get(0), centroids.get(1), centroids.get(1)));
    assertThat(equal.assign(centroids.get(1), 0.99).home()).isEqualTo(1);
  }

  @Test
  void fromTheirCentroidsTheyAreMadeAnewToTheLastBit() {
    RandomVectors random = new RandomVectors(33, 10);
    Cells cells = Cells.around(random.next(20));
    Cells again = Cells.of(cells.centroids());

    assertThat(again.size()).isEqualTo(20);
    assertThat(again.dimension()).isEqualTo(33);
    IntStream.range(0, 20)
        .forEach(
            i -> assertThat(again.centroids().get(i)).containsExactly(cells.centroids().get(i)));
    for (float[] vector : random.next(50)) {
      assertThat(again.assign(vector, 0.7)).isEqualTo(cells.assign(vector, 0.7));
    }
  }

  private static float[] direction(double angle) {
    return new float[] {(float) Math.cos(angle), (float) Math.sin(angle)};
  }
}
