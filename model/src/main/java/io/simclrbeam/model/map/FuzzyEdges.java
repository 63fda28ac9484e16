package io.simclrbeam.model.map;

import java.util.Arrays;

/**
 * How much two neighbors belong together, from 0 to 1 (McInnes, Healy and Melville, "UMAP: Uniform
 * Manifold Approximation and Projection for Dimension Reduction", arXiv 1802.03426, section 3.1).
 * The nearest neighbor of each point counts 1, whatever its distance. The others count less with
 * their distance, on a scale of the point's own: all of a point add up to log2(k). What two points
 * say of each other is joined as the probability that one of two independent events happens.
 *
 * @param heads int {@code [e]}; each edge is there in both directions
 * @param tails int {@code [e]}
 * @param weights double {@code [e]}, above 0
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; lists would box every number
record FuzzyEdges(int[] heads, int[] tails, double[] weights) {
  private static final int HALVINGS = 64;

  /** The scale of a point is at least this part of the mean distance to its neighbors. */
  private static final double LEAST_SCALE = 1e-3;

  static FuzzyEdges of(NeighborGraph graph) {
    int k = graph.k();
    double[] directed = new double[graph.size() * k];
    for (int i = 0; i < graph.size(); i++) {
      double[] distances = new double[k];
      for (int rank = 0; rank < k; rank++) {
        distances[rank] = Math.max(0, 1 - graph.similarity(i, rank));
      }
      System.arraycopy(weights(distances), 0, directed, i * k, k);
    }
    int[] heads = new int[2 * directed.length];
    int[] tails = new int[2 * directed.length];
    double[] weights = new double[2 * directed.length];
    int edges = 0;
    for (int i = 0; i < graph.size(); i++) {
      for (int rank = 0; rank < k; rank++) {
        int j = graph.row(i, rank);
        int back = rank(graph, j, i);
        if (back >= 0 && j < i) {
          continue; // j has said it
        }
        double there = directed[i * k + rank];
        double again = back < 0 ? 0 : directed[j * k + back];
        double weight = there + again - there * again;
        for (int direction = 0; direction < 2; direction++) {
          heads[edges] = direction == 0 ? i : j;
          tails[edges] = direction == 0 ? j : i;
          weights[edges++] = weight;
        }
      }
    }
    return new FuzzyEdges(
        Arrays.copyOf(heads, edges), Arrays.copyOf(tails, edges), Arrays.copyOf(weights, edges));
  }

  /** Returns at which rank a point has a neighbor; -1 if it is none. */
  private static int rank(NeighborGraph graph, int of, int neighbor) {
    for (int rank = 0; rank < graph.k(); rank++) {
      if (graph.row(of, rank) == neighbor) {
        return rank;
      }
    }
    return -1;
  }

  /** Returns the weights of a point's neighbors by their distances, ascending. */
  static double[] weights(double[] distances) {
    double nearest = distances[0];
    double target = StrictMath.log(distances.length) / StrictMath.log(2);
    double low = 0;
    double high = Double.POSITIVE_INFINITY;
    double scale = 1;
    for (int i = 0; i < HALVINGS; i++) {
      if (sum(distances, nearest, scale) > target) {
        high = scale;
        scale = (low + high) / 2;
      } else {
        low = scale;
        scale = high == Double.POSITIVE_INFINITY ? 2 * scale : (low + high) / 2;
      }
    }
    double mean = Arrays.stream(distances).average().orElseThrow();
    double chosen = Math.max(scale, LEAST_SCALE * mean);
    return Arrays.stream(distances).map(distance -> weight(distance - nearest, chosen)).toArray();
  }

  private static double sum(double[] distances, double nearest, double scale) {
    double sum = 0;
    for (double distance : distances) {
      sum += weight(distance - nearest, scale);
    }
    return sum;
  }

  private static double weight(double beyond, double scale) {
    return beyond <= 0 ? 1 : StrictMath.exp(-beyond / scale);
  }
}
