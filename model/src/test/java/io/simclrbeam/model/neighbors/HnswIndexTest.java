package io.simclrbeam.model.neighbors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HnswIndexTest {
  @TempDir Path folder;

  private void write(List<float[]> vectors) throws IOException {
    try (HnswWriter writer = new HnswWriter(folder)) {
      for (int i = 0; i < vectors.size(); i++) {
        writer.add(id(i), i % 2 == 0 ? "even" : null, "/images/" + i, vectors.get(i));
      }
    }
  }

  private static String id(int number) {
    return "%05d".formatted(number);
  }

  @Test
  void findsMostOfTheNearestInClusters() throws IOException {
    List<float[]> vectors = new RandomVectors(48, 21).clustered(2000, 0.8);
    write(vectors);
    int found = 0;
    try (HnswIndex index = HnswIndex.open(folder)) {
      assertThat(index.size()).isEqualTo(2000);
      for (int query = 0; query < 2000; query += 20) {
        List<Neighbor> nearest = index.search(vectors.get(query), 10);
        assertThat(nearest).hasSize(10);
        assertThat(nearest.get(0).id()).isEqualTo(id(query));
        assertThat(nearest)
            .isSortedAccordingTo(
                Comparator.comparingDouble(Neighbor::similarity)
                    .reversed()
                    .thenComparing(Neighbor::id));
        Set<String> exact = exact(vectors, vectors.get(query), 10);
        found += (int) nearest.stream().filter(n -> exact.contains(n.id())).count();
      }
      assertThat(found / 1000.0).isGreaterThan(0.97);
      assertThat(index.recall(10, 100, 1)).isGreaterThan(0.97).isLessThanOrEqualTo(1);
    }
  }

  private static Set<String> exact(List<float[]> vectors, float[] query, int k) {
    return new HashSet<>(
        IntStream.range(0, vectors.size())
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -Cosine.similarity(query, vectors.get(i))))
            .limit(k)
            .map(HnswIndexTest::id)
            .toList());
  }

  /** In many dimensions all are about equally far, and a short search misses some. */
  @Test
  void theRecallOfAPoorSearchIsThatOfTheSearch() throws IOException {
    RandomVectors random = new RandomVectors(256, 22);
    List<float[]> vectors = random.next(1500);
    write(vectors);
    try (HnswIndex index = HnswIndex.open(folder, 1, 1)) {
      double found = 0;
      for (int i = 0; i < 1500; i += 15) {
        float[] query = vectors.get(i).clone();
        int neighbor = Integer.parseInt(index.search(query, 11).get(10).id());
        float[] unit = new float[256];
        Cosine.scale(vectors.get(neighbor), unit);
        Cosine.scale(query, query);
        for (int k = 0; k < 256; k++) {
          query[k] += unit[k];
        }
        Set<String> exact = exact(vectors, query, 10);
        found += index.search(query, 10).stream().filter(hit -> exact.contains(hit.id())).count();
      }
      double recall = found / (100 * 10);
      assertThat(recall).isBetween(0.9, 0.995);
      assertThat(index.recall(10, 100, 0)).isCloseTo(recall, within(0.02)).isLessThan(0.995);
    }
  }

  @Test
  void keepsWhatIsKnownOfAnImage() throws IOException {
    List<float[]> vectors = new RandomVectors(7, 23).next(5);
    write(vectors);
    try (HnswIndex index = HnswIndex.open(folder)) {
      Neighbor first = index.search(vectors.get(4), 3).get(0);
      assertThat(first.id()).isEqualTo("00004");
      assertThat(first.label()).isEqualTo("even");
      assertThat(first.uri()).isEqualTo("/images/4");
      assertThat(first.similarity()).isCloseTo(1, within(1e-6));
      assertThat(index.search(vectors.get(3), 1).get(0).label()).isNull();
      assertThat(index.search(vectors.get(3), 100)).hasSize(5);
      HnswIndex.Image image = Objects.requireNonNull(index.image("00002"));
      assertThat(image.label()).isEqualTo("even");
      assertThat(Cosine.similarity(image.vector(), vectors.get(2))).isCloseTo(1, within(1e-6));
      assertThat(index.image("2")).isNull();
    }
  }

  @Test
  void equallySimilarImagesComeInTheOrderOfTheirIds() throws IOException {
    try (HnswWriter writer = new HnswWriter(folder)) {
      for (int i = 20; i > 0; i--) {
        writer.add(id(i), null, "", new float[] {1, 1});
      }
      writer.add("another", null, "", new float[] {1, 0});
      writer.add("zeros", null, "", new float[] {0, 0});
    }
    try (HnswIndex index = HnswIndex.open(folder)) {
      assertThat(index.search(new float[] {1, 1}, 3))
          .extracting(Neighbor::id)
          .containsExactly("00001", "00002", "00003");
      assertThat(index.size()).isEqualTo(21);
    }
  }

  @Test
  void vectorsMayBeLongerThanLuceneAllowsByItself() throws IOException {
    List<float[]> vectors = new RandomVectors(2048, 24).next(30);
    write(vectors);
    try (HnswIndex index = HnswIndex.open(folder)) {
      for (int i = 0; i < 30; i++) {
        assertThat(index.search(vectors.get(i), 1).get(0).id()).isEqualTo(id(i));
      }
    }
  }

  @Test
  void anEmptyIndexFindsNothing() throws IOException {
    write(List.of());
    try (HnswIndex index = HnswIndex.open(folder)) {
      assertThat(index.search(new float[] {1}, 3)).isEmpty();
      assertThat(index.recall(10, 100, 0)).isEqualTo(1);
    }
  }
}
