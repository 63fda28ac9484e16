package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class LinearProbeTest {
  @Test
  void isPerfectOnSeparableClasses() {
    LabeledEmbeddings train = TestEmbeddings.clouds(200, 10, 4, 0.01, 1);
    LabeledEmbeddings test = TestEmbeddings.clouds(80, 10, 4, 0.01, 2);
    LinearProbe probe = LinearProbe.fit(train);
    assertThat(probe.converged()).isTrue();
    assertThat(probe.top1(test)).isEqualTo(1);
    assertThat(probe.predict(test)).isEqualTo(test.labels());
  }

  @Test
  void separatesWhatNearestNeighborsCannot() {
    // The class is the sign of one small feature among loud ones.
    int n = 1000;
    float[][] rows = new float[n][];
    int[] classes = new int[n];
    LabeledEmbeddings noise = TestEmbeddings.clouds(n, 12, 1, 1, 5);
    for (int i = 0; i < n; i++) {
      rows[i] = new float[13];
      for (int j = 0; j < 12; j++) {
        rows[i][j] = noise.get(i, j);
      }
      classes[i] = i % 2;
      rows[i][12] = 0.001f * (2 * classes[i] - 1);
    }
    LabeledEmbeddings all = TestEmbeddings.of(rows, classes);
    assertThat(LinearProbe.fit(all).top1(all)).isEqualTo(1);
    assertThat(new KnnClassifier(all, 200, 0.1).top1(all)).isLessThan(0.8);
  }

  @Test
  void doesNotDependOnTheScaleOfFeatures() {
    LabeledEmbeddings train = TestEmbeddings.clouds(300, 5, 3, 2, 1);
    LabeledEmbeddings test = TestEmbeddings.clouds(300, 5, 3, 2, 2);
    List<String> predicted = LinearProbe.fit(train).predict(test);
    assertThat(LinearProbe.fit(rescaled(train)).predict(rescaled(test))).isEqualTo(predicted);
    assertThat(new HashSet<>(predicted)).hasSize(3);
  }

  /** Scales columns by powers of two, exactly, and adds a constant one. */
  private static LabeledEmbeddings rescaled(LabeledEmbeddings embeddings) {
    float[][] rows = new float[embeddings.size()][embeddings.dimension() + 1];
    int[] classes = Classes.of(embeddings).indices(embeddings);
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < embeddings.dimension(); j++) {
        rows[i][j] = embeddings.get(i, j) * (1 << (3 * j));
      }
      rows[i][embeddings.dimension()] = 0.1f;
    }
    return TestEmbeddings.of(rows, classes);
  }

  @Test
  void regularizesMoreWhereThereIsLessToLearn() {
    // Few rows, many features: nothing but noise, and hardly any.
    double forNoise = LinearProbe.fit(TestEmbeddings.clouds(60, 40, 3, 8, 1)).regularization();
    double forStructure =
        LinearProbe.fit(TestEmbeddings.clouds(3000, 3, 12, 0.5, 1)).regularization();
    assertThat(forNoise).isGreaterThanOrEqualTo(0.01);
    assertThat(forStructure).isLessThan(forNoise);
    assertThat(LinearProbe.GRID).contains(forNoise, forStructure);
  }

  @Test
  void takesClassesOfOneImage() {
    LabeledEmbeddings train =
        TestEmbeddings.of(new float[][] {{1, 0}, {0, 1}, {-1, -1}}, new int[] {0, 1, 2});
    assertThat(LinearProbe.fit(train).top1(train)).isEqualTo(1);
    LabeledEmbeddings alone = TestEmbeddings.of(new float[] {1, 2});
    assertThat(LinearProbe.fit(alone).top1(alone)).isEqualTo(1);
  }

  @Test
  void countsUnknownClassesAsWrong() {
    LabeledEmbeddings train = TestEmbeddings.clouds(50, 4, 2, 0, 1);
    LabeledEmbeddings test = TestEmbeddings.clouds(30, 4, 3, 0, 2);
    assertThat(LinearProbe.fit(train).top1(test)).isCloseTo(2 / 3.0, Offset.offset(1e-12));
  }

  @Test
  void refusesNonsense() {
    LabeledEmbeddings train = TestEmbeddings.clouds(20, 4, 2, 1, 1);
    assertThatThrownBy(() -> LinearProbe.fit(train, -1)).hasMessageContaining("but is -1.0");
    assertThatThrownBy(() -> LinearProbe.fit(train, Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> LinearProbe.fit(train, Double.POSITIVE_INFINITY))
        .hasMessageContaining("Infinity");
    assertThatThrownBy(() -> LinearProbe.fit(train).top1(TestEmbeddings.of(new float[] {1})))
        .hasMessageContaining("have 1 dimensions where 4 are needed");
  }

  @Test
  void holdsOutAFifthOfEachClass() {
    float[][] rows = new float[114][1];
    int[] classes = new int[114];
    for (int i = 0; i < 114; i++) {
      classes[i] = i < 100 ? 0 : i < 110 ? 1 : i < 113 ? 2 : 3; // 100, 10, 3 and 1
    }
    LabeledEmbeddings all = TestEmbeddings.of(rows, classes);
    Split split = Split.of(all, Classes.of(all));
    LabeledEmbeddings heldOut = Objects.requireNonNull(split.heldOut());
    Map<String, Integer> counts = new HashMap<>();
    heldOut.labels().forEach(label -> counts.merge(label, 1, Integer::sum));
    assertThat(counts).isEqualTo(Map.of("class 0", 20, "class 1", 2, "class 2", 1));
    Set<String> ids = new HashSet<>(split.fitted().ids());
    assertThat(ids).doesNotContainAnyElementsOf(heldOut.ids());
    ids.addAll(heldOut.ids());
    assertThat(ids).isEqualTo(new HashSet<>(all.ids()));
  }
}
