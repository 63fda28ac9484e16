package io.simclrbeam.model.map;

import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import io.simclrbeam.model.random.Purpose;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.random.SeededRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What a map keeps of the neighbors of embeddings, measured at some of them.
 *
 * @param trustworthiness from 0 to 1: whether neighbors on the map are neighbors. Those that are
 *     none count as much as their rank is beyond k (Venna and Kaski, "Neighborhood preservation in
 *     nonlinear projection methods", 2001, equation 1). About 0.5 for a map by chance
 * @param preservation share of the k nearest embeddings that are among the k nearest on the map
 * @param k neighbors that were compared
 * @param anchors points at which they were
 */
public record MapQuality(double trustworthiness, double preservation, int k, int anchors) {
  private static final int MOST_ANCHORS = 500;

  private record At(double penalty, int kept) {}

  /**
   * Measures a map.
   *
   * @param places double {@code [n, 2]}
   * @param k neighbors to compare, below half of n
   */
  public static MapQuality of(LabeledEmbeddings embeddings, double[] places, int k) {
    int size = embeddings.size();
    int[] anchors = anchors(size);
    List<At> measured =
        IntStream.of(anchors).parallel().mapToObj(at -> at(embeddings, places, at, k)).toList();
    double penalty = 0;
    long kept = 0;
    for (At at : measured) {
      penalty += at.penalty;
      kept += at.kept;
    }
    double most = anchors.length * (double) k * (2.0 * size - 3.0 * k - 1) / 2;
    return new MapQuality(
        1 - penalty / most, (double) kept / ((double) anchors.length * k), k, anchors.length);
  }

  /** Returns different points. */
  private static int[] anchors(int size) {
    SeededRandom random = RandomStreams.of(0).stream(Purpose.MAP_ANCHORS);
    int[] points = IntStream.range(0, size).toArray();
    int count = Math.min(size, MOST_ANCHORS);
    for (int i = 0; i < count; i++) {
      int other = i + random.nextInt(size - i);
      int point = points[other];
      points[other] = points[i];
      points[i] = point;
    }
    return Arrays.copyOf(points, count);
  }

  private static At at(LabeledEmbeddings embeddings, double[] places, int anchor, int k) {
    int size = embeddings.size();
    double[] distances = new double[size];
    double[] onMap = new double[size];
    for (int i = 0; i < size; i++) {
      distances[i] = 1 - embeddings.similarity(anchor, i);
      double x = places[2 * anchor] - places[2 * i];
      double y = places[2 * anchor + 1] - places[2 * i + 1];
      onMap[i] = x * x + y * y;
    }
    int[] near = nearest(onMap, anchor, k);
    double[] sorted = distances.clone();
    sorted[anchor] = Double.NEGATIVE_INFINITY; // so that the nearest other has rank 1
    Arrays.sort(sorted);
    double penalty = 0;
    for (int point : near) {
      penalty += Math.max(0, rank(sorted, distances[point]) - k);
    }
    Set<Integer> truly = new HashSet<>();
    for (int point : nearest(distances, anchor, k)) {
      truly.add(point);
    }
    int kept = (int) IntStream.of(near).filter(truly::contains).count();
    return new At(penalty, kept);
  }

  /** Returns how many others are at most as far, of equals the first. */
  private static int rank(double[] sorted, double distance) {
    int at = Arrays.binarySearch(sorted, distance);
    while (at > 1 && sorted[at - 1] == distance) {
      at--;
    }
    return at;
  }

  private static int[] nearest(double[] distances, int anchor, int k) {
    double[] sorted = distances.clone();
    sorted[anchor] = Double.POSITIVE_INFINITY;
    Arrays.sort(sorted);
    double limit = sorted[k - 1];
    int[] nearest = new int[k];
    int found = 0;
    // First what is nearer than the last of them, then as many as are as far.
    for (int i = 0; i < distances.length && found < k; i++) {
      if (i != anchor && distances[i] < limit) {
        nearest[found++] = i;
      }
    }
    for (int i = 0; i < distances.length && found < k; i++) {
      if (i != anchor && distances[i] == limit) {
        nearest[found++] = i;
      }
    }
    return nearest;
  }
}
