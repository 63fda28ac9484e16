package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ProbeTest {
  @Test
  void looksAtASampleAsEvaluationDoes() {
    LabeledEmbeddings sample = TestEmbeddings.clouds(300, 5, 7, 2, 1);
    Probe probe = Probe.of(sample);
    assertThat(probe.images()).isEqualTo(300);
    assertThat(probe.rankme()).isEqualTo(RankMe.of(sample));
    assertThat(probe.embeddingStd()).isCloseTo(stdByDefinition(sample), within(1e-12));
    assertThat(probe.knnTop1())
        .isEqualTo(new KnnClassifier(sample, 200, 0.1).leaveOneOutTop1())
        .isBetween(0.2, 0.99);
  }

  private static double stdByDefinition(LabeledEmbeddings sample) {
    double[][] rows = TestEmbeddings.unitRows(sample);
    double sum = 0;
    for (int j = 0; j < sample.dimension(); j++) {
      int axis = j;
      double mean = IntStream.range(0, rows.length).mapToDouble(i -> rows[i][axis]).sum();
      mean /= rows.length;
      double squares = 0;
      for (double[] row : rows) {
        squares += (row[j] - mean) * (row[j] - mean);
      }
      sum += Math.sqrt(squares / (rows.length - 1));
    }
    return sum / sample.dimension();
  }

  @Test
  void imagesWithoutLabelsCountForAllButTheNeighbors() {
    LabeledEmbeddings clouds = TestEmbeddings.clouds(60, 4, 3, 1, 1);
    List<@Nullable String> labels = new ArrayList<>(clouds.labels());
    float[] vectors = new float[60 * 4];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = clouds.get(i / 4, i % 4);
    }
    labels.set(7, null);
    int[] labeled = IntStream.range(0, 60).filter(row -> row != 7).toArray();
    Probe some = Probe.of(LabeledEmbeddings.of(clouds.ids(), labels, 4, vectors));
    assertThat(some.images()).isEqualTo(60);
    assertThat(some.rankme()).isEqualTo(RankMe.of(clouds));
    assertThat(some.knnTop1()).isEqualTo(Probe.of(clouds.select(labeled)).knnTop1()).isNotNull();

    labels.replaceAll(label -> null);
    Probe none = Probe.of(LabeledEmbeddings.of(clouds.ids(), labels, 4, vectors));
    assertThat(none.rankme()).isEqualTo(some.rankme());
    assertThat(none.knnTop1()).isNull();
  }

  @Test
  void aSingleClassOrImageTellsNothingOfNeighbors() {
    assertThat(Probe.of(TestEmbeddings.of(new float[] {3, 4})))
        .isEqualTo(new Probe(1, Probe.of(TestEmbeddings.of(new float[] {3, 4})).rankme(), 0, null));
    Probe collapsed = Probe.of(TestEmbeddings.of(new float[][] {{1, 2}, {2, 4}}, new int[2]));
    assertThat(collapsed.knnTop1()).isNull();
    assertThat(collapsed.embeddingStd()).isCloseTo(0, within(1e-7));
    assertThat(collapsed.rankme()).isCloseTo(1, within(1e-9));
  }
}
