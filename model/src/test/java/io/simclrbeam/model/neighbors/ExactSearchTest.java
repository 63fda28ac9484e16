package io.simclrbeam.model.neighbors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExactSearchTest {
  @ParameterizedTest
  @CsvSource({"1, 5", "7, 1", "8, 10", "130, 3", "20, 1000"})
  void findsWhatSortingAllFinds(int queryCount, int k) {
    RandomVectors random = new RandomVectors(19, 20);
    List<float[]> queries = random.next(queryCount);
    List<float[]> vectors = new ArrayList<>(random.clustered(600, 0.5));
    vectors.add(new float[19]);
    vectors.add(vectors.get(3));

    List<ExactSearch<Integer>> parts = new ArrayList<>();
    for (int part = 0; part < 3; part++) {
      ExactSearch<Integer> search = new ExactSearch<>(queries, k, Comparator.naturalOrder());
      for (int i = vectors.size() - 1 - part; i >= 0; i -= 3) {
        search.offer(i, vectors.get(i));
      }
      parts.add(search);
    }
    parts.get(1).join(parts.get(0));
    parts.get(1).join(parts.get(2));

    List<List<ExactSearch.Hit<Integer>>> found = parts.get(1).nearest();
    for (int query = 0; query < queryCount; query++) {
      float[] vector = queries.get(query);
      List<ExactSearch.Hit<Integer>> expected =
          IntStream.range(0, vectors.size())
              .mapToObj(i -> new ExactSearch.Hit<>(i, Cosine.similarity(vector, vectors.get(i))))
              .sorted(
                  Comparator.comparingDouble(ExactSearch.Hit<Integer>::similarity)
                      .reversed()
                      .thenComparing(ExactSearch.Hit::thing))
              .limit(k)
              .toList();
      assertThat(found.get(query)).isEqualTo(expected);
    }
  }

  @Test
  void ofEquallySimilarOnesTheFirstAreKeptInAnyOrder() {
    List<Integer> things = new ArrayList<>(IntStream.range(0, 50).boxed().toList());
    Collections.rotate(things, 17);
    ExactSearch<Integer> search =
        new ExactSearch<>(Collections.nCopies(9, new float[] {1, 0}), 3, Comparator.naturalOrder());

    things.forEach(thing -> search.offer(thing, new float[] {2, 2}));

    assertThat(search.nearest()).hasSize(9);
    assertThat(search.nearest())
        .allSatisfy(
            hits -> assertThat(hits).extracting(ExactSearch.Hit::thing).containsExactly(0, 1, 2));
  }
}
