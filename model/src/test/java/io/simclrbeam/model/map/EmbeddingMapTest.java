package io.simclrbeam.model.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import io.simclrbeam.model.random.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddingMapTest {
  private static final int CLASSES = 5;

  @Test
  void neighborsStayTogether() {
    LabeledEmbeddings clouds = clouds(600, 16, 0.3);
    NeighborGraph graph = NeighborGraph.of(clouds.vectors(), 16, 15);
    double[] places = EmbeddingMap.layOut(clouds, graph, 1);
    MapQuality map = MapQuality.of(clouds, places, 10);
    MapQuality flat = MapQuality.of(clouds, EmbeddingMap.principalComponents(clouds), 10);
    assertThat(map.trustworthiness()).isGreaterThan(0.9).isGreaterThan(flat.trustworthiness());
    assertThat(map.preservation()).isGreaterThan(flat.preservation());
    // Each class is an island: of the ten nearest on the map, nearly all are of the same.
    assertThat(purity(places, 600)).isGreaterThan(0.98);
  }

  @Test
  void isAFunctionOfEmbeddingsAndSeed() {
    LabeledEmbeddings clouds = clouds(200, 8, 0.5);
    NeighborGraph graph = NeighborGraph.of(clouds.vectors(), 8, 15);
    double[] places = EmbeddingMap.layOut(clouds, graph, 1);
    assertThat(EmbeddingMap.layOut(clouds, graph, 1)).containsExactly(places);
    assertThat(EmbeddingMap.layOut(clouds, graph, 2)).isNotEqualTo(places);
    // Noted from this program: the same on any machine.
    assertThat(Arrays.hashCode(places)).isEqualTo(NOTED);
  }

  private static final int NOTED = -65515127;

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 17})
  void fewOrEqualEmbeddingsHaveAPlaceToo(int size) {
    float[] equal = new float[3 * size];
    Arrays.fill(equal, 1);
    for (float[] vectors : List.of(equal, new float[3 * size])) {
      LabeledEmbeddings embeddings = embeddings(3, vectors);
      double[] places = EmbeddingMap.layOut(embeddings, NeighborGraph.of(vectors, 3, 15), 1);
      assertThat(places).hasSize(2 * size);
      assertThat(Arrays.stream(places)).allMatch(place -> Math.abs(place) < 100);
    }
  }

  @Test
  void principalComponentsAreThoseOfTheCovariance() {
    LabeledEmbeddings clouds = clouds(300, 6, 0.4);
    double[][] units = clouds.unitRows(0, 300);
    double[] mean = new double[6];
    for (double[] row : units) {
      for (int i = 0; i < 6; i++) {
        mean[i] += row[i] / 300;
      }
    }
    DMatrixRMaj covariance = new DMatrixRMaj(6, 6);
    for (double[] row : units) {
      for (int i = 0; i < 6; i++) {
        for (int j = 0; j < 6; j++) {
          covariance.add(i, j, (row[i] - mean[i]) * (row[j] - mean[j]));
        }
      }
    }
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(6, true, true);
    eigen.decompose(covariance);
    List<Integer> order =
        IntStream.range(0, 6)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -eigen.getEigenvalue(i).real))
            .toList();
    double[] places = EmbeddingMap.principalComponents(clouds);
    for (int axis = 0; axis < 2; axis++) {
      DMatrixRMaj vector = eigen.getEigenVector(order.get(axis));
      double sign = 0;
      for (int row = 0; row < 300; row++) {
        double expected = 0;
        for (int i = 0; i < 6; i++) {
          expected += (units[row][i] - mean[i]) * vector.get(i);
        }
        sign = sign == 0 ? Math.signum(expected * places[2 * row + axis]) : sign;
        assertThat(sign * places[2 * row + axis]).isCloseTo(expected, within(1e-3));
      }
    }
  }

  @Test
  void aGraphHasTheNearestOthers() {
    LabeledEmbeddings clouds = clouds(50, 4, 1);
    NeighborGraph graph = NeighborGraph.of(clouds.vectors(), 4, 7);
    for (int row = 0; row < 50; row++) {
      int of = row;
      List<Integer> others = new ArrayList<>(IntStream.range(0, 50).boxed().toList());
      others.remove(Integer.valueOf(row));
      others.sort(Comparator.comparingDouble(other -> -clouds.similarity(of, other)));
      for (int rank = 0; rank < 7; rank++) {
        assertThat(graph.row(row, rank)).isEqualTo(others.get(rank));
        assertThat(graph.similarity(row, rank)).isEqualTo(clouds.similarity(row, others.get(rank)));
      }
    }
    assertThat(NeighborGraph.of(clouds.vectors(), 4, 80).k()).isEqualTo(49);
  }

  @Test
  void scoresTellOutliersAndWrongLabels() {
    LabeledEmbeddings clouds = clouds(100, 8, 0.2);
    float[] vectors = clouds.vectors().clone();
    for (int i = 0; i < 8; i++) {
      vectors[8 * 40 + i] = (i % 2 == 0 ? 5 : -5);
    }
    List<@Nullable String> labels = new ArrayList<>(clouds.labels());
    Collections.swap(labels, 10, 11);
    labels.set(12, null);
    NeighborGraph graph = NeighborGraph.of(vectors, 8, 6);
    double[] outlier = PointScores.outlier(graph);
    double[] disagreement = PointScores.labelDisagreement(graph, labels);
    assertThat(highest(outlier)).isEqualTo(40);
    assertThat(disagreement[10]).isEqualTo(1);
    assertThat(disagreement[11]).isEqualTo(1);
    assertThat(disagreement[12]).isZero();
    assertThat(disagreement[20]).isLessThan(0.5);
  }

  private static int highest(double[] values) {
    return IntStream.range(0, values.length)
        .boxed()
        .max(Comparator.comparingDouble(i -> values[i]))
        .orElseThrow();
  }

  /** Returns which part of the ten nearest on a map are of the same class. */
  private static double purity(double[] places, int size) {
    int same = 0;
    for (int row = 0; row < size; row++) {
      int of = row;
      same +=
          (int)
              IntStream.range(0, size)
                  .boxed()
                  .filter(other -> other != of)
                  .sorted(Comparator.comparingDouble(other -> distance(places, of, other)))
                  .limit(10)
                  .filter(other -> other % CLASSES == of % CLASSES)
                  .count();
    }
    return same / (10.0 * size);
  }

  static double distance(double[] places, int one, int other) {
    double x = places[2 * one] - places[2 * other];
    double y = places[2 * one + 1] - places[2 * other + 1];
    return x * x + y * y;
  }

  /** Returns normal clouds around a random center for each class, row i of class i % CLASSES. */
  static LabeledEmbeddings clouds(int size, int dimension, double noise) {
    SeededRandom random = SeededRandom.of(7);
    float[] vectors = new float[size * dimension];
    for (int row = 0; row < size; row++) {
      SeededRandom center = SeededRandom.of(8, row % CLASSES);
      for (int i = 0; i < dimension; i++) {
        vectors[row * dimension + i] =
            (float) (center.nextGaussian() + noise * random.nextGaussian());
      }
    }
    return embeddings(dimension, vectors);
  }

  private static LabeledEmbeddings embeddings(int dimension, float[] vectors) {
    int size = vectors.length / dimension;
    return LabeledEmbeddings.of(
        IntStream.range(0, size).mapToObj("%04d"::formatted).toList(),
        IntStream.range(0, size).mapToObj(row -> "class " + row % CLASSES).toList(),
        dimension,
        vectors);
  }
}
