package io.simclrbeam.model.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FuzzyEdgesTest {
  @Test
  void weightsOfAPointAddUpToTheLogarithmOfTheirNumber() {
    double[] weights = FuzzyEdges.weights(new double[] {0.1, 0.15, 0.2, 0.4, 0.41, 0.5, 0.8, 1});
    assertThat(weights[0]).isEqualTo(1);
    assertThat(weights).isSortedAccordingTo((a, b) -> Double.compare(b, a));
    assertThat(Arrays.stream(weights).sum()).isCloseTo(3, within(1e-9));
  }

  @Test
  void equalDistancesWeighAlike() {
    assertThat(FuzzyEdges.weights(new double[] {0.3, 0.3, 0.3})).containsExactly(1, 1, 1);
    assertThat(FuzzyEdges.weights(new double[] {0, 0, 0})).containsExactly(1, 1, 1);
    assertThat(FuzzyEdges.weights(new double[] {0.3})).containsExactly(1);
  }

  /** By a matrix of all pairs. */
  @Test
  void joinsWhatTwoPointsSayOfEachOther() {
    int size = 80;
    LabeledEmbeddings clouds = EmbeddingMapTest.clouds(size, 5, 0.7);
    NeighborGraph graph = NeighborGraph.of(clouds.vectors(), 5, 6);
    double[][] said = new double[size][size];
    for (int i = 0; i < size; i++) {
      double[] distances = new double[6];
      for (int rank = 0; rank < 6; rank++) {
        distances[rank] = 1 - graph.similarity(i, rank);
      }
      double[] weights = FuzzyEdges.weights(distances);
      for (int rank = 0; rank < 6; rank++) {
        said[i][graph.row(i, rank)] = weights[rank];
      }
    }
    Map<String, Double> expected = new HashMap<>();
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        double either = said[i][j] + said[j][i] - said[i][j] * said[j][i];
        if (either > 0) {
          expected.put(i + " " + j, either);
        }
      }
    }
    FuzzyEdges edges = FuzzyEdges.of(graph);
    assertThat(edges.heads()).hasSize(expected.size());
    for (int e = 0; e < edges.heads().length; e++) {
      assertThat(edges.weights()[e])
          .isCloseTo(expected.get(edges.heads()[e] + " " + edges.tails()[e]), within(1e-15));
    }
  }
}
