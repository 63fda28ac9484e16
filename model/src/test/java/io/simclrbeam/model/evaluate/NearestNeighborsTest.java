package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NearestNeighborsTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 200, 1100})
  void agreesWithSortingAllSimilarities(int k) {
    LabeledEmbeddings index = TestEmbeddings.clouds(1100, 5, 10, 1, 1); // three blocks of the index
    LabeledEmbeddings queries = TestEmbeddings.clouds(70, 5, 10, 1, 2); // two blocks of queries
    List<NearestNeighbors.Nearest> found = new NearestNeighbors(index).search(queries, k);
    double[][] unit = TestEmbeddings.unitRows(index);
    double[][] unitQueries = TestEmbeddings.unitRows(queries);
    for (int q = 0; q < queries.size(); q++) {
      double[] query = unitQueries[q];
      double[] similarity =
          Arrays.stream(unit).mapToDouble(row -> TestEmbeddings.dot(row, query)).toArray();
      int[] sorted =
          IntStream.range(0, index.size())
              .boxed()
              .sorted(Comparator.comparing(row -> -similarity[row]))
              .limit(k)
              .mapToInt(row -> row)
              .toArray();
      assertThat(found.get(q).rows()).containsExactly(sorted);
      assertThat(found.get(q).similarities())
          .containsExactly(
              IntStream.of(sorted).mapToDouble(row -> similarity[row]).toArray(),
              Offset.offset(1e-12));
    }
  }

  @Test
  void prefersLowerRowsAmongEquals() {
    float[][] rows = new float[1500][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i % 3 == 2 ? new float[] {1, 0.5f, 2} : new float[] {1, 1, 2};
    }
    List<NearestNeighbors.Nearest> found =
        new NearestNeighbors(TestEmbeddings.of(rows))
            .search(TestEmbeddings.of(new float[] {1, 1, 2}), 5);
    assertThat(found.get(0).rows()).containsExactly(0, 1, 3, 4, 6);
  }

  @Test
  void givesAllRowsIfThereAreFewerThanK() {
    LabeledEmbeddings index = TestEmbeddings.of(new float[] {0, 1}, new float[] {1, 1});
    NearestNeighbors.Nearest found =
        new NearestNeighbors(index).search(TestEmbeddings.of(new float[] {2, 0}), 9).get(0);
    assertThat(found.rows()).containsExactly(1, 0);
    assertThat(found.similarities())
        .containsExactly(new double[] {Math.sqrt(0.5), 0}, Offset.offset(1e-15));
  }

  @Test
  void isTheSameWithAnyNumberOfThreads() throws Exception {
    LabeledEmbeddings index = TestEmbeddings.clouds(900, 20, 3, 1, 1);
    LabeledEmbeddings queries = TestEmbeddings.clouds(300, 20, 3, 1, 2);
    List<NearestNeighbors.Nearest> one = search(index, queries, 1);
    List<NearestNeighbors.Nearest> seven = search(index, queries, 7);
    for (int i = 0; i < one.size(); i++) {
      assertThat(seven.get(i).rows()).containsExactly(one.get(i).rows());
      assertThat(seven.get(i).similarities()).containsExactly(one.get(i).similarities());
    }
  }

  private static List<NearestNeighbors.Nearest> search(
      LabeledEmbeddings index, LabeledEmbeddings queries, int threads) throws Exception {
    ForkJoinPool pool = new ForkJoinPool(threads);
    try {
      return pool.submit(() -> new NearestNeighbors(index).search(queries, 9)).get();
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void refusesNonsense() {
    NearestNeighbors neighbors = new NearestNeighbors(TestEmbeddings.of(new float[] {1, 2}));
    assertThatThrownBy(() -> neighbors.search(TestEmbeddings.of(new float[] {1, 2}), 0))
        .hasMessage("k must be at least 1, but is 0");
    assertThatThrownBy(() -> neighbors.search(TestEmbeddings.of(new float[] {1, 2, 3}), 1))
        .hasMessageContaining("have 3 dimensions where 2 are needed");
  }
}
