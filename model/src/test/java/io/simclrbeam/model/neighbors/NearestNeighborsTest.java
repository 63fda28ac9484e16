package io.simclrbeam.model.neighbors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.neighbors.NearestNeighbors.Nearest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNeighborsTest {
  @ParameterizedTest
  @CsvSource({
    "5, 1, 1",
    "5, 7, 1",
    "5, 200, 1",
    "5, 2100, 1",
    "33, 10, 1",
    "33, 10, 0.001",
    // Nearer to each other than float32 can tell.
    "33, 10, 1e-5",
    "33, 10, 1e-7",
    "5, 300, 1e-8"
  })
  void findsWhatSortingAllFinds(int dimension, int k, double angle) {
    RandomVectors random = new RandomVectors(dimension, 30);
    List<float[]> index = random.clustered(2100, angle); // three rounds, the last one not full
    List<float[]> queries = new ArrayList<>(random.next(60));
    index.stream().limit(10).forEach(vector -> queries.add(random.near(vector, angle)));
    assertEqual(search(index, queries, k), sorted(index, queries, k));
  }

  @Test
  void lowerRowsComeFirstAmongEquals() {
    List<float[]> index = new ArrayList<>();
    for (int i = 0; i < 1500; i++) {
      index.add(i % 3 == 2 ? new float[] {1, 0.5f, 2} : new float[] {1, 1, 2});
    }
    List<float[]> query = List.of(new float[] {1, 1, 2});
    assertThat(search(index, query, 5).get(0).rows()).containsExactly(0, 1, 3, 4, 6);
    assertEqual(search(index, query, 700), sorted(index, query, 700));
  }

  @Test
  void vectorsWithoutDirectionAreSimilarToNothing() {
    List<float[]> index = new ArrayList<>(new RandomVectors(4, 31).next(300));
    index.set(7, new float[4]);
    List<float[]> queries = List.of(index.get(3), new float[4]);
    List<Nearest> found = search(index, queries, 300);
    assertEqual(found, sorted(index, queries, 300));
    assertThat(found.get(1).similarities()).containsOnly(0);
  }

  @Test
  void givesAllRowsIfThereAreFewerThanK() {
    List<float[]> index = List.of(new float[] {0, 1}, new float[] {1, 1});
    assertThat(search(index, List.of(new float[] {2, 0}), 9).get(0).rows()).containsExactly(1, 0);
  }

  @Test
  void isTheSameWithAnyNumberOfThreads() throws Exception {
    RandomVectors random = new RandomVectors(20, 32);
    List<float[]> index = random.clustered(900, 0.1);
    List<float[]> queries = random.next(300);
    assertEqual(search(index, queries, 7, 7), search(index, queries, 7, 1));
  }

  @Test
  void refusesNonsense() {
    assertThatThrownBy(() -> search(List.of(new float[] {1, 2}), List.of(new float[] {1, 2}), 0))
        .hasMessage("k must be at least 1, but is 0");
  }

  private static List<Nearest> search(
      List<float[]> index, List<float[]> queries, int k, int threads) throws Exception {
    ForkJoinPool pool = new ForkJoinPool(threads);
    try {
      return pool.submit(() -> search(index, queries, k)).get();
    } finally {
      pool.shutdown();
    }
  }

  private static List<Nearest> search(List<float[]> index, List<float[]> queries, int k) {
    return new NearestNeighbors(joined(index), index.get(0).length).search(joined(queries), k);
  }

  private static float[] joined(List<float[]> rows) {
    int dimension = rows.get(0).length;
    float[] joined = new float[rows.size() * dimension];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, joined, i * dimension, dimension);
    }
    return joined;
  }

  /** The slow twin. */
  private static List<Nearest> sorted(List<float[]> index, List<float[]> queries, int k) {
    List<Nearest> nearest = new ArrayList<>();
    for (float[] query : queries) {
      double[] similarities =
          index.stream().mapToDouble(vector -> Cosine.similarity(query, vector)).toArray();
      int[] rows =
          IntStream.range(0, index.size())
              .boxed()
              .sorted(
                  Collections.reverseOrder(
                      Comparator.<Integer>comparingDouble(row -> similarities[row])
                          .thenComparing(Comparator.reverseOrder())))
              .limit(k)
              .mapToInt(row -> row)
              .toArray();
      nearest.add(
          new Nearest(rows, IntStream.of(rows).mapToDouble(row -> similarities[row]).toArray()));
    }
    return nearest;
  }

  private static void assertEqual(List<Nearest> actual, List<Nearest> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).rows()).containsExactly(expected.get(i).rows());
      assertThat(actual.get(i).similarities()).containsExactly(expected.get(i).similarities());
    }
  }
}
