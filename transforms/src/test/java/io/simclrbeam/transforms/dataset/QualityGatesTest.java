package io.simclrbeam.transforms.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.evaluate.Moments;
import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.transforms.dataset.Canaries.Reference;
import io.simclrbeam.transforms.dataset.RunManifest.Counts;
import io.simclrbeam.transforms.dataset.RunManifest.Gate;
import io.simclrbeam.transforms.dataset.RunManifest.Statistics;
import io.simclrbeam.transforms.images.ImageLimit;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class QualityGatesTest {
  private static final QualityGates GATES =
      QualityGates.NONE.toBuilder()
          .maxRejects(new ImageLimit(10, true))
          .maxDeletions(new ImageLimit(10, true))
          .minRankMe(2)
          .maxNormChange(0.25)
          .maxFrechet(0.5)
          .maxCanaryChange(0.1)
          .build();
  private static final Canaries.Report CANARIES =
      new Canaries.Report(20, 18, 2, "cpu", Reference.SAME_HARDWARE);
  private static final Counts COUNTS = new Counts(300, 270, 0, 0, 30, 0);

  private static Moments cloud(int count, int dimension, double scale, double shift) {
    Moments moments = new Moments(dimension);
    for (int i = 0; i < count; i++) {
      float[] vector = new float[dimension];
      for (int d = 0; d < dimension; d++) {
        vector[d] = (float) (scale * (SeededRandom.of(i, d).nextDouble() - 0.5 + shift));
      }
      moments.add(vector);
    }
    return moments;
  }

  private static List<Gate> judge(
      Counts counts, Moments moments, @Nullable Moments before, Canaries.Report canaries) {
    return judge(GATES, counts, moments, before, canaries);
  }

  private static List<Gate> judge(
      QualityGates gates,
      Counts counts,
      Moments moments,
      @Nullable Moments before,
      Canaries.Report canaries) {
    RunStatistics statistics = new RunStatistics(moments, 1, moments.count() == 0, before);
    return gates.judge(counts, 300, Statistics.of(moments), statistics, canaries);
  }

  private static List<String> failed(List<Gate> gates) {
    return gates.stream().filter(gate -> !gate.passed()).map(Gate::name).toList();
  }

  private static List<String> judged(List<Gate> gates) {
    return gates.stream().filter(gate -> gate.value() != null).map(Gate::name).toList();
  }

  @Test
  void aRunLikeTheLastOnePassesAllGates() {
    List<Gate> gates = judge(COUNTS, cloud(300, 8, 1, 0.5), cloud(250, 8, 1.1, 0.5), CANARIES);
    assertThat(failed(gates)).isEmpty();
    assertThat(judged(gates))
        .containsExactly(
            "minImages",
            "maxRejects",
            "maxDeletions",
            "maxNotFinite",
            "minRankMe",
            "maxNormChange",
            "maxFrechet",
            "maxCanaryChange");
  }

  @Test
  void eachGateHoldsBackWhatItIsFor() {
    Moments good = cloud(300, 8, 1, 0.5);
    assertThat(failed(judge(new Counts(0, 0, 0, 0, 0, 0), good, good, CANARIES)))
        .containsExactly("minImages");
    assertThat(failed(judge(new Counts(300, 269, 0, 0, 31, 0), good, good, CANARIES)))
        .containsExactly("maxRejects");
    assertThat(failed(judge(new Counts(300, 270, 0, 0, 30, 30), good, good, CANARIES))).isEmpty();
    assertThat(failed(judge(new Counts(300, 270, 0, 0, 30, 31), good, good, CANARIES)))
        .containsExactly("maxDeletions");
    assertThat(failed(judge(COUNTS, cloud(300, 8, 1.3, 0.5), good, CANARIES)))
        .contains("maxNormChange");
    assertThat(failed(judge(COUNTS, cloud(300, 8, 0.7, 0.5), good, CANARIES)))
        .contains("maxNormChange");
    assertThat(failed(judge(COUNTS, cloud(300, 8, 1, -0.5), good, CANARIES)))
        .as("turned round: as long, but elsewhere")
        .containsExactly("maxFrechet");
    Moments collapsed = cloud(300, 8, 1e-3, 1000);
    assertThat(failed(judge(COUNTS, collapsed, collapsed, CANARIES))).containsExactly("minRankMe");
    assertThat(
            failed(
                judge(
                    COUNTS,
                    good,
                    good,
                    new Canaries.Report(20, 17, 3, "cpu", Reference.SAME_HARDWARE))))
        .containsExactly("maxCanaryChange");
    Moments broken = cloud(300, 8, 1, 0.5);
    broken.add(new float[] {1, 1, 1, Float.NaN, 1, 1, 1, 1});
    assertThat(failed(judge(COUNTS, broken, good, CANARIES))).containsExactly("maxNotFinite");
  }

  @Test
  void whatCannotBeJudgedPasses() {
    Canaries.Report none = Canaries.Report.nothingToCompare("cpu");
    Moments good = cloud(300, 8, 1, 0.5);
    assertThat(judged(judge(COUNTS, good, null, none)))
        .containsExactly("minImages", "maxRejects", "maxDeletions", "maxNotFinite", "minRankMe");
    Moments few = cloud(QualityGates.LEAST_EMBEDDINGS - 1, 8, 1e-3, 1000);
    assertThat(judged(judge(COUNTS, few, good, none)))
        .containsExactly("minImages", "maxRejects", "maxDeletions", "maxNotFinite");
    assertThat(judged(judge(COUNTS, new Moments(8), good, CANARIES)))
        .as("a night without new images")
        .containsExactly(
            "minImages", "maxRejects", "maxDeletions", "maxNotFinite", "maxCanaryChange");
    Moments tooLong = cloud(200, Moments.MAX_DIMENSIONS + 1, 1, 0.5);
    assertThat(judged(judge(COUNTS, tooLong, tooLong, none)))
        .containsExactly(
            "minImages", "maxRejects", "maxDeletions", "maxNotFinite", "maxNormChange");
  }

  @Test
  void aGateThatWasSetJudgesAnyNumberOfEmbeddings() {
    Moments few = cloud(QualityGates.LEAST_EMBEDDINGS - 1, 8, 1, 0.5);
    for (String name : QualityGates.THAT_WAIT) {
      QualityGates set =
          GATES.toBuilder()
              .minRankMe(60)
              .maxNormChange(-1)
              .maxFrechet(-1)
              .always(Set.of(name))
              .build();
      List<Gate> gates = judge(set, COUNTS, few, cloud(300, 8, 1, 0.5), CANARIES);
      assertThat(failed(gates)).containsExactly(name);
      assertThat(failed(judge(set, COUNTS, new Moments(8), few, CANARIES))).isEmpty();
    }
  }

  /** As with most networks: 512 numbers, and a night of a few hundred images. */
  @Test
  void chanceIsNoChange() {
    Moments before = cloud(250, 512, 1, 0.5);
    Moments night = new Moments(512);
    for (int i = 250; i < 450; i++) {
      float[] vector = new float[512];
      for (int d = 0; d < vector.length; d++) {
        vector[d] = (float) SeededRandom.of(i, d).nextDouble();
      }
      night.add(vector);
    }
    Gate gate =
        judge(COUNTS, night, before, CANARIES).stream()
            .filter(one -> one.name().equals("maxFrechet"))
            .findFirst()
            .orElseThrow();
    assertThat(gate.value()).isLessThan(0.03);
    assertThat(gate.detail())
        .matches(
            "squared Fréchet distance of 200 new embeddings to the last run is 0\\.9\\d+ of its"
                + " variance, of which 0\\.9\\d+ is chance");
  }
}
