package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KnnClassifierTest {
  @ParameterizedTest
  @CsvSource({"1, 0.1", "20, 0.1", "200, 0.1", "200, 0.02", "600, 5"})
  void agreesWithTheDefinition(int k, double temperature) {
    LabeledEmbeddings train = TestEmbeddings.clouds(600, 6, 7, 2, 1);
    LabeledEmbeddings test = TestEmbeddings.clouds(150, 6, 7, 2, 2);
    KnnClassifier classifier = new KnnClassifier(train, k, temperature);
    List<@Nullable String> expected = predictByDefinition(train, test, k, temperature);
    assertThat(classifier.predict(test)).isEqualTo(expected);
    long right =
        IntStream.range(0, test.size())
            .filter(i -> test.labels().get(i).equals(expected.get(i)))
            .count();
    assertThat(right).isBetween(50L, 149L); // neither chance nor trivial
    assertThat(classifier.top1(test)).isEqualTo(right / 150.0);
  }

  private static List<@Nullable String> predictByDefinition(
      LabeledEmbeddings train, LabeledEmbeddings test, int k, double temperature) {
    double[][] trainRows = TestEmbeddings.unitRows(train);
    List<@Nullable String> predicted = new ArrayList<>();
    for (double[] query : TestEmbeddings.unitRows(test)) {
      Map<String, Double> votes = new TreeMap<>();
      IntStream.range(0, train.size())
          .boxed()
          .sorted(Comparator.comparing(row -> -TestEmbeddings.dot(trainRows[row], query)))
          .limit(k)
          .forEach(
              row ->
                  votes.merge(
                      train.labels().get(row),
                      Math.exp(TestEmbeddings.dot(trainRows[row], query) / temperature),
                      Double::sum));
      predicted.add(
          votes.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey());
    }
    return predicted;
  }

  @ParameterizedTest
  @CsvSource({"1", "20", "200", "600"})
  void leavingOneOutIsAClassifierOfTheOthersForEach(int k) {
    LabeledEmbeddings all = TestEmbeddings.clouds(150, 6, 7, 2, 1);
    long right = 0;
    for (int row = 0; row < all.size(); row++) {
      int left = row;
      int[] others = IntStream.range(0, all.size()).filter(other -> other != left).toArray();
      LabeledEmbeddings query = all.select(new int[] {row});
      right += (long) new KnnClassifier(all.select(others), k, 0.1).top1(query);
    }
    assertThat(right).isBetween(30L, 149L); // neither chance nor trivial
    assertThat(new KnnClassifier(all, k, 0.1).leaveOneOutTop1()).isEqualTo(right / 150.0);
  }

  /** None votes for itself, whether it is found among its copies or not. */
  @Test
  void leavingOneOutTakesCopiesForOthers() {
    float[][] same = {{1, 1}, {1, 1}, {1, 1}, {1, 1}};
    LabeledEmbeddings two = TestEmbeddings.of(same, new int[] {0, 0, 1, 1});
    // The first of the others votes: row 1 for row 0, and row 0 for all else.
    assertThat(new KnnClassifier(two, 1, 0.1).leaveOneOutTop1()).isEqualTo(0.5);
    LabeledEmbeddings one = TestEmbeddings.of(same[0]);
    assertThatThrownBy(() -> new KnnClassifier(one, 1, 0.1).leaveOneOutTop1())
        .hasMessage("a single training image has no neighbors");
  }

  @Test
  void isPerfectOnTightClusters() {
    LabeledEmbeddings train = TestEmbeddings.clouds(100, 8, 5, 0, 1);
    assertThat(new KnnClassifier(train, 10, 0.1).top1(train)).isEqualTo(1);
  }

  @Test
  void ignoresTheLengthOfVectors() {
    LabeledEmbeddings train = TestEmbeddings.of(new float[][] {{1, 0}, {0, 1}}, new int[] {0, 1});
    LabeledEmbeddings test =
        TestEmbeddings.of(new float[][] {{100, 1}, {0.001f, 0.1f}}, new int[] {0, 1});
    assertThat(new KnnClassifier(train, 1, 0.1).top1(test)).isEqualTo(1);
  }

  @Test
  void weighsVotesBySimilarity() {
    // One neighbor of class 0 at the query itself against three of class 1 at right angles.
    float[][] rows = {{1, 0}, {0, 1}, {0, 2}, {0, 3}};
    LabeledEmbeddings train = TestEmbeddings.of(rows, new int[] {0, 1, 1, 1});
    LabeledEmbeddings query = TestEmbeddings.of(new float[] {1, 0});
    assertThat(new KnnClassifier(train, 4, 0.5).predict(query)).containsExactly("class 0");
    assertThat(new KnnClassifier(train, 4, 2).predict(query)).containsExactly("class 1");
  }

  @Test
  void breaksTiesByTheFirstLabel() {
    LabeledEmbeddings train =
        TestEmbeddings.of(new float[][] {{1, 1}, {1, 1}, {1, 1}}, new int[] {2, 1, 3});
    assertThat(new KnnClassifier(train, 3, 0.1).predict(TestEmbeddings.of(new float[] {1, 0})))
        .containsExactly("class 1");
  }

  @Test
  void takesTinyTemperatures() {
    LabeledEmbeddings train =
        TestEmbeddings.of(new float[][] {{1, 0.1f}, {1, 0}}, new int[] {0, 1});
    assertThat(new KnnClassifier(train, 2, 1e-9).predict(TestEmbeddings.of(new float[] {1, 0})))
        .containsExactly("class 1");
  }

  @Test
  void countsUnknownClassesAsWrong() {
    LabeledEmbeddings train = TestEmbeddings.of(new float[][] {{1, 0}, {0, 1}}, new int[] {0, 1});
    LabeledEmbeddings test = TestEmbeddings.of(new float[][] {{1, 0}, {0, 1}}, new int[] {0, 5});
    assertThat(new KnnClassifier(train, 1, 0.1).top1(test)).isEqualTo(0.5);
  }

  @Test
  void capsK() {
    LabeledEmbeddings train = TestEmbeddings.clouds(30, 3, 3, 1, 1);
    assertThat(new KnnClassifier(train, 200, 0.1).k()).isEqualTo(30);
    assertThat(new KnnClassifier(train, 29, 0.1).k()).isEqualTo(29);
  }

  @Test
  void refusesNonsense() {
    LabeledEmbeddings train = TestEmbeddings.of(new float[] {1, 2});
    assertThatThrownBy(() -> new KnnClassifier(train, 0, 0.1)).hasMessageContaining("but are 0");
    assertThatThrownBy(() -> new KnnClassifier(train, 1, 0)).hasMessageContaining("but is 0.0");
    assertThatThrownBy(() -> new KnnClassifier(train, 1, Double.NaN))
        .hasMessageContaining("but is NaN");
    List<@Nullable String> none = new ArrayList<>();
    none.add(null);
    LabeledEmbeddings unlabeled =
        LabeledEmbeddings.of(List.of("cat.png"), none, 2, new float[] {1, 2});
    assertThatThrownBy(() -> new KnnClassifier(unlabeled, 1, 0.1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the embedding of cat.png has no label");
  }
}
