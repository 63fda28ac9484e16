package io.simclrbeam.model.neighbors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimilarPairsTest {
  private final List<List<Integer>> found = new ArrayList<>();

  @ParameterizedTest
  @CsvSource({"1, 3, 0.9", "127, 8, 0.95", "128, 13, 0.99", "129, 20, 0.8", "500, 64, 0.95"})
  void withinAListAreThoseOfAllPairs(int count, int dimension, double threshold) {
    List<float[]> vectors = new RandomVectors(dimension, 3).clustered(count, 0.6);
    List<List<Integer>> expected = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      for (int column = 0; column < row; column++) {
        if (Cosine.similarity(vectors.get(row), vectors.get(column)) >= threshold) {
          expected.add(List.of(row, column));
        }
      }
    }

    new SimilarPairs(threshold).within(vectors, this::take);

    assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(found.size()).isGreaterThanOrEqualTo(count / 5);
  }

  @Test
  void betweenListsAreThoseOfAllPairs() {
    List<float[]> vectors = new RandomVectors(30, 4).clustered(600, 0.6);
    List<float[]> rows = vectors.subList(0, 333);
    List<float[]> columns = vectors.subList(333, 600);
    List<List<Integer>> expected = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      for (int column = 0; column < columns.size(); column++) {
        if (Cosine.similarity(rows.get(row), columns.get(column)) >= 0.9) {
          expected.add(List.of(row, column));
        }
      }
    }

    new SimilarPairs(0.9).between(rows, columns, this::take);
    new SimilarPairs(0.9).between(rows, List.of(), this::take);
    new SimilarPairs(0.9).between(List.of(), columns, this::take);

    assertThat(found).containsExactlyInAnyOrderElementsOf(expected).hasSizeGreaterThan(50);
  }

  @Test
  void aPairAtTheThresholdIsSimilarAndOneJustBelowIsNot() {
    List<float[]> pair = new RandomVectors(256, 5).clustered(2, 0.4);
    double similarity = Cosine.similarity(pair.get(0), pair.get(1));

    new SimilarPairs(Math.nextUp(similarity)).within(pair, this::take);
    assertThat(found).isEmpty();
    new SimilarPairs(similarity).within(pair, this::take);
    assertThat(found).containsExactly(List.of(1, 0));
  }

  @Test
  void equalVectorsAreSimilarAtAThresholdOfOne() {
    List<float[]> vectors = new ArrayList<>(new RandomVectors(100, 6).next(50));
    vectors.addAll(vectors.stream().map(float[]::clone).toList());

    new SimilarPairs(1).within(vectors, this::take);

    assertThat(found).hasSize(50).allMatch(pair -> pair.get(0) == pair.get(1) + 50);
  }

  private void take(int row, int column) {
    found.add(List.of(row, column));
  }
}
