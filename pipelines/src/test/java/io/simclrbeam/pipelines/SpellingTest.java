package io.simclrbeam.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {
  @ParameterizedTest
  @CsvSource({
    "'', '', 0",
    "abc, '', 3",
    "abc, abd, 1",
    "abc, acb, 1",
    "abc, xabc, 1",
    "kitten, sitting, 3",
    "ca, abc, 3",
    "bacthsize, batchsize, 1"
  })
  void editsAreCountedAsByDefinition(String from, String to, int edits) {
    assertThat(Spelling.edits(from, to)).isEqualTo(edits).isEqualTo(byDefinition(from, to));
    assertThat(Spelling.edits(to, from)).isEqualTo(edits);
  }

  @Test
  void theClosestIsChosenAndTheFirstOfEquals() {
    List<String> names = List.of("--train", "--trait", "--knn", "--knnTemperature");

    assertThat(Spelling.closest("--trai", names)).contains("--train");
    assertThat(Spelling.closest("--TRAITS", names)).contains("--trait");
    assertThat(Spelling.closest("--knnTe", names)).contains("--knnTemperature");
    assertThat(Spelling.closest("--output", names)).isEqualTo(Optional.empty());
    assertThat(Spelling.closest("--", names)).isEqualTo(Optional.empty());
  }

  /** The recursive definition of the optimal string alignment distance. */
  private static int byDefinition(String from, String to) {
    int i = from.length();
    int j = to.length();
    if (i == 0 || j == 0) {
      return i + j;
    }
    String shorterFrom = from.substring(0, i - 1);
    String shorterTo = to.substring(0, j - 1);
    int same = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
    int least = byDefinition(shorterFrom, shorterTo) + same;
    least = Math.min(least, byDefinition(shorterFrom, to) + 1);
    least = Math.min(least, byDefinition(from, shorterTo) + 1);
    if (i > 1
        && j > 1
        && from.charAt(i - 1) == to.charAt(j - 2)
        && from.charAt(i - 2) == to.charAt(j - 1)) {
      least = Math.min(least, byDefinition(from.substring(0, i - 2), to.substring(0, j - 2)) + 1);
    }
    return least;
  }

  @Test
  void severalAreGivenNearestFirst() {
    List<String> names = List.of("cats/13.png", "cats/1.png", "dogs/12.png", "cats/12.jpg");

    assertThat(Spelling.closest("cats/12.png", names, 2))
        .containsExactly("cats/13.png", "cats/1.png");
    assertThat(Spelling.closest("birds", names, 2)).isEmpty();
  }
}
