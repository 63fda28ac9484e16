package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.model.tensor.Safetensors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MomentsTest {
  private static final int DIMENSION = 7;

  /** Vectors whose dimensions depend on each other. */
  private static float[][] vectors(int count, long seed) {
    float[][] vectors = new float[count][DIMENSION];
    for (int i = 0; i < count; i++) {
      SeededRandom random = SeededRandom.of(seed, i);
      for (int d = 0; d < DIMENSION; d++) {
        double before = d == 0 ? 0 : vectors[i][d - 1];
        vectors[i][d] = (float) (random.nextDouble() * (d + 1) + 0.5 * before - 0.3);
      }
    }
    return vectors;
  }

  private static Moments moments(float[]... vectors) {
    Moments moments = new Moments(DIMENSION);
    for (float[] vector : vectors) {
      moments.add(vector);
    }
    return moments;
  }

  @Test
  void agreesWithThePlainFormulas() {
    float[][] vectors = vectors(50, 1);
    Moments moments = moments(vectors);
    double variance = 0;
    for (int d = 0; d < DIMENSION; d++) {
      double mean = 0;
      for (float[] vector : vectors) {
        mean += vector[d] / 50.0;
      }
      assertThat(moments.mean()[d]).isCloseTo(mean, within(1e-12));
      for (float[] vector : vectors) {
        variance += (vector[d] - mean) * (vector[d] - mean) / 50.0;
      }
    }
    assertThat(moments.totalVariance()).isCloseTo(variance, within(1e-10));
    List<Double> norms = new ArrayList<>();
    for (float[] vector : vectors) {
      double squares = 0;
      for (float value : vector) {
        squares += (double) value * value;
      }
      norms.add(Math.sqrt(squares));
    }
    double mean = norms.stream().mapToDouble(x -> x).average().orElseThrow();
    double deviation =
        Math.sqrt(norms.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum() / 50);
    assertThat(moments.count()).isEqualTo(50);
    assertThat(moments.meanNorm()).isCloseTo(mean, within(1e-12));
    assertThat(moments.normStd()).isCloseTo(deviation, within(1e-9));
    assertThat(moments.minNorm()).isEqualTo(Collections.min(norms));
    assertThat(moments.maxNorm()).isEqualTo(Collections.max(norms));
  }

  @Test
  void rankMeIsThatOfTheEmbeddings() {
    float[][] vectors = vectors(50, 2);
    List<String> ids = new ArrayList<>();
    float[] joined = new float[50 * DIMENSION];
    for (int i = 0; i < 50; i++) {
      ids.add("image-" + i);
      System.arraycopy(vectors[i], 0, joined, i * DIMENSION, DIMENSION);
    }
    LabeledEmbeddings embeddings =
        LabeledEmbeddings.of(ids, Collections.nCopies(50, null), DIMENSION, joined);
    assertThat(moments(vectors).rankMe()).isCloseTo(RankMe.of(embeddings), within(1e-9));
  }

  @Test
  void noEmbeddingsHaveNoRank() {
    assertThat(new Moments(DIMENSION).rankMe()).isZero();
  }

  /** As the pixels of pictures of one color are. */
  @ParameterizedTest
  @ValueSource(floats = {0, 1e-30f, 0.3f, 1, 1e38f})
  void equalEmbeddingsHaveOneDirectionAndNoDistance(float scale) {
    for (int dimension : new int[] {3, 192, 432}) {
      float[] vector = new float[dimension];
      for (int i = 0; i < dimension; i++) {
        vector[i] = scale * (i * 3 / dimension + 1) / 3;
      }
      Moments moments = new Moments(dimension);
      for (int n = 0; n < 3; n++) {
        moments.add(vector);
      }
      double squares = moments.meanNorm() * moments.meanNorm();
      assertThat(moments.rankMe()).isCloseTo(scale == 0 ? 0 : 1, within(1e-9));
      assertThat(moments.totalVariance()).isCloseTo(0, within(1e-12 * squares));
      assertThat(moments.squaredFrechetDistance(moments)).isCloseTo(0, within(1e-12 * squares));
      assertThat(moments.expectedSquaredFrechetDistance(moments))
          .isCloseTo(0, within(1e-12 * squares));
    }
  }

  @Test
  void partsMergeToTheWhole() {
    float[][] vectors = vectors(40, 3);
    Moments left = new Moments(DIMENSION);
    Moments right = new Moments(DIMENSION);
    for (int i = 0; i < 40; i++) {
      (i % 3 == 0 ? left : right).add(vectors[i]);
    }
    right.add(new float[] {0, 0, Float.NaN, 0, 0, 0, 0});
    merge(right, left);
    Moments whole = moments(vectors);
    assertThat(left.count()).isEqualTo(40);
    assertThat(left.notFinite()).isEqualTo(1);
    assertThat(left.minNorm()).isEqualTo(whole.minNorm());
    assertThat(left.maxNorm()).isEqualTo(whole.maxNorm());
    assertThat(left.rankMe()).isCloseTo(whole.rankMe(), within(1e-9));
    assertThat(left.squaredFrechetDistance(whole)).isCloseTo(0, within(1e-9));
  }

  /** Whole numbers, so that the order of additions makes no difference. */
  @Test
  void slicesMergeToTheWhole() {
    int dimension = 300;
    SeededRandom random = SeededRandom.of(8);
    Moments whole = new Moments(dimension);
    Moments left = new Moments(dimension);
    Moments right = new Moments(dimension);
    for (int n = 0; n < 9; n++) {
      float[] vector = new float[dimension];
      for (int i = 0; i < dimension; i++) {
        vector[i] = random.nextInt(100) - 50;
      }
      whole.add(vector);
      (n % 3 == 0 ? left : right).add(vector);
    }
    List<MomentsPart> parts = left.parts();
    assertThat(parts).hasSizeGreaterThan(2);
    assertThat(parts).allMatch(part -> part.sums.length <= MomentsPart.MAX_SUMS);
    Moments merged = new Moments(dimension);
    for (MomentsPart part : right.parts()) {
      merged.merge(part.merge(parts.get(part.index())));
    }
    for (String name : List.of("sum", "products", "count")) {
      assertThat(merged.toTensors().get(name).data())
          .as(name)
          .isEqualTo(whole.toTensors().get(name).data());
    }
    assertThat(merged.minNorm()).isEqualTo(whole.minNorm());
    assertThat(merged.maxNorm()).isEqualTo(whole.maxNorm());
    assertThat(parts.get(1).merge(right.parts().get(1)).sums)
        .as("merging changes neither")
        .isNotEqualTo(parts.get(1).sums);
    assertThat(left.parts().get(1).sums).isEqualTo(parts.get(1).sums);
  }

  private static void merge(Moments from, Moments into) {
    from.parts().forEach(into::merge);
  }

  private static byte[] bytes(Moments moments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      Safetensors.write(moments.toTensors(), out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Along one line the distance is (m1 - m2)^2 + (s1 - s2)^2. */
  @Test
  void theDistanceOfTwoNormalDistributionsOnALine() {
    Moments narrow = new Moments(1);
    Moments wide = new Moments(1);
    for (int sign = -1; sign <= 1; sign += 2) {
      narrow.add(new float[] {3 + sign});
      wide.add(new float[] {10 + 5 * sign});
    }
    assertThat(narrow.squaredFrechetDistance(wide)).isCloseTo(49 + 16, within(1e-9));
  }

  /** Turning both clouds alike changes nothing; turning one of them does. */
  @Test
  void theDistanceSeesDirections() {
    Moments flat = moments(vectors(200, 4));
    float[][] reversed = vectors(200, 4);
    for (float[] vector : reversed) {
      for (int i = 0; i < DIMENSION / 2; i++) {
        float kept = vector[i];
        vector[i] = vector[DIMENSION - 1 - i];
        vector[DIMENSION - 1 - i] = kept;
      }
    }
    Moments turned = moments(reversed);
    Moments other = moments(vectors(200, 5));
    assertThat(flat.squaredFrechetDistance(turned)).isGreaterThan(1);
    assertThat(flat.squaredFrechetDistance(other))
        .isCloseTo(other.squaredFrechetDistance(flat), within(1e-8))
        .isLessThan(flat.squaredFrechetDistance(turned) / 10);
  }

  @Test
  void surviveAFile() throws IOException {
    Moments moments = moments(vectors(20, 6));
    Moments back = Moments.of(Safetensors.read(new ByteArrayInputStream(bytes(moments))));
    assertThat(back.count()).isEqualTo(20);
    assertThat(back.mean()).isEqualTo(moments.mean());
    assertThat(back.minNorm()).isEqualTo(moments.minNorm());
    assertThat(back.rankMe()).isEqualTo(moments.rankMe());
    assertThat(back.totalVariance()).isEqualTo(moments.totalVariance());
  }

  @Test
  void veryLongEmbeddingsHaveLengthsAndVarianceOnly() throws IOException {
    int dimension = Moments.MAX_DIMENSIONS + 1;
    Moments moments = new Moments(dimension);
    float[] one = new float[dimension];
    one[dimension - 1] = 3;
    moments.add(one);
    one[0] = 4;
    moments.add(one);
    assertThat(moments.hasProducts()).isFalse();
    assertThat(moments.meanNorm()).isEqualTo(4);
    assertThat(moments.normStd()).isEqualTo(1);
    assertThat(moments.totalVariance()).isEqualTo(4);
    assertThatThrownBy(moments::rankMe).hasMessageContaining("2049 numbers are more than 2048");
    assertThat(new Moments(dimension - 1).hasProducts()).isTrue();
  }

  @Test
  void saysWhatDoesNotFit() {
    Moments moments = new Moments(DIMENSION);
    assertThatThrownBy(() -> moments.add(new float[3])).hasMessageContaining("3 numbers");
    assertThatThrownBy(() -> merge(new Moments(2), moments)).hasMessageContaining("2 numbers");
    List<MomentsPart> parts = moments.parts();
    assertThatThrownBy(() -> parts.get(0).merge(parts.get(1))).hasMessageContaining("slice 1 of");
    assertThatThrownBy(() -> Moments.of(Map.of())).hasMessageContaining("sum");
  }
}
