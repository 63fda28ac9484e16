package io.simclrbeam.model.map;

import io.simclrbeam.model.neighbors.NearestNeighbors;
import java.util.List;

/**
 * The k nearest others of each embedding, by cosine similarity and exact.
 *
 * @param size n, the number of embeddings
 * @param k neighbors of each
 * @param rows int {@code [n, k]}, the most similar first; not to be changed by the receiver
 * @param similarities double {@code [n, k]}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; lists would box every number
public record NeighborGraph(int size, int k, int[] rows, double[] similarities) {
  /**
   * Finds the neighbors.
   *
   * @param vectors finite float32 {@code [n, d]} of at least 2 rows, row-major
   * @param k at least 1; if there are fewer others, all of them
   */
  public static NeighborGraph of(float[] vectors, int dimension, int k) {
    int size = vectors.length / dimension;
    int kept = Math.min(k, size - 1);
    List<NearestNeighbors.Nearest> found =
        new NearestNeighbors(vectors, dimension).search(vectors, kept + 1);
    int[] rows = new int[size * kept];
    double[] similarities = new double[size * kept];
    for (int i = 0; i < size; i++) {
      NearestNeighbors.Nearest others = found.get(i).without(i);
      System.arraycopy(others.rows(), 0, rows, i * kept, kept);
      System.arraycopy(others.similarities(), 0, similarities, i * kept, kept);
    }
    return new NeighborGraph(size, kept, rows, similarities);
  }

  /** Returns the neighbor of a rank from 0. */
  int row(int of, int rank) {
    return rows[of * k + rank];
  }

  /** Returns the similarity to the neighbor of a rank from 0. */
  double similarity(int of, int rank) {
    return similarities[of * k + rank];
  }
}
