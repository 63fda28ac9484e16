package io.simclrbeam.model.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import io.simclrbeam.model.random.SeededRandom;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MapQualityTest {
  private static final int SIZE = 120;

  /** Directions in the plane, mapped to where they point. */
  @Test
  void aMapThatKeepsAllIsPerfect() {
    float[] vectors = new float[2 * SIZE];
    double[] places = new double[2 * SIZE];
    SeededRandom random = SeededRandom.of(1);
    for (int i = 0; i < SIZE; i++) {
      double angle = random.uniform(0, 3);
      places[2 * i] = Math.cos(angle);
      places[2 * i + 1] = Math.sin(angle);
      vectors[2 * i] = (float) (3 * Math.cos(angle));
      vectors[2 * i + 1] = (float) (3 * Math.sin(angle));
    }
    MapQuality quality = MapQuality.of(embeddings(2, vectors), places, 8);
    assertThat(quality.trustworthiness()).isCloseTo(1, within(1e-4)); // float32 may swap two
    assertThat(quality.preservation()).isCloseTo(1, within(1e-2));
    assertThat(quality.anchors()).isEqualTo(SIZE);
  }

  @Test
  void agreesWithTheDefinition() {
    LabeledEmbeddings clouds = EmbeddingMapTest.clouds(SIZE, 7, 1);
    SeededRandom random = SeededRandom.of(2);
    double[] places = new double[2 * SIZE];
    Arrays.setAll(places, i -> random.nextGaussian());
    int k = 9;
    double penalty = 0;
    int kept = 0;
    for (int i = 0; i < SIZE; i++) {
      int of = i;
      List<Integer> truly = sorted(of, other -> 1 - clouds.similarity(of, other));
      List<Integer> onMap = sorted(of, other -> EmbeddingMapTest.distance(places, of, other));
      for (int near : onMap.subList(0, k)) {
        int rank = truly.indexOf(near) + 1;
        penalty += Math.max(0, rank - k);
        kept += rank <= k ? 1 : 0;
      }
    }
    MapQuality quality = MapQuality.of(clouds, places, k);
    assertThat(quality.trustworthiness())
        .isCloseTo(1 - 2.0 / (SIZE * k * (2 * SIZE - 3 * k - 1)) * penalty, within(1e-12))
        .isBetween(0.35, 0.65);
    assertThat(quality.preservation()).isCloseTo(kept / (double) (SIZE * k), within(1e-12));
  }

  private static List<Integer> sorted(int of, IntToDoubleFunction distance) {
    return IntStream.range(0, SIZE)
        .boxed()
        .filter(other -> other != of)
        .sorted(Comparator.comparingDouble(distance::applyAsDouble))
        .toList();
  }

  private static LabeledEmbeddings embeddings(int dimension, float[] vectors) {
    int size = vectors.length / dimension;
    return LabeledEmbeddings.of(
        IntStream.range(0, size).mapToObj("%04d"::formatted).toList(),
        IntStream.range(0, size).mapToObj(row -> "").toList(),
        dimension,
        vectors);
  }
}
