package io.simclrbeam.model.neighbors;

import java.util.Arrays;
import java.util.List;

/**
 * Chooses which of some similar vectors to keep. They are visited in order. A vector is kept unless
 * it is similar to one that is already kept. Each other vector belongs to the kept one that it is
 * most similar to. So no two kept vectors are similar, and each other one is similar to its own,
 * not merely through a chain of others.
 */
public final class Stars {
  /**
   * The kept vector that each vector belongs to.
   *
   * @param centers int {@code [n]}: the position of the kept vector, its own if it is kept
   * @param similarities double {@code [n]}, with that vector
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared; lists would box every number
  public record Choice(int[] centers, double[] similarities) {
    /** Returns whether a vector is kept. */
    public boolean kept(int position) {
      return centers[position] == position;
    }
  }

  private static final int NONE = -1;

  private final List<float[]> vectors;
  private final double threshold;
  private final UnitColumns kept;
  private final int[] positions;
  private final float[] unit;
  private final float[] products = new float[UnitColumns.WIDTH];

  private Stars(List<float[]> vectors, double threshold) {
    this.vectors = vectors;
    this.threshold = threshold;
    int dimension = vectors.get(0).length;
    kept = new UnitColumns(dimension);
    positions = new int[vectors.size()];
    unit = new float[dimension];
  }

  /**
   * Chooses among vectors.
   *
   * @param vectors at least one float32 {@code [d]} with a direction; the first are kept before
   *     others
   * @param threshold least similarity of similar vectors, above 0 and at most 1
   */
  public static Choice choose(List<float[]> vectors, double threshold) {
    return new Stars(vectors, threshold).choose();
  }

  private Choice choose() {
    int[] centers = new int[vectors.size()];
    for (int i = 0; i < centers.length; i++) {
      centers[i] = nearest(i);
      if (centers[i] == NONE) {
        positions[kept.size()] = i;
        kept.add(vectors.get(i));
        centers[i] = i;
      }
    }
    double[] similarities = new double[centers.length];
    Arrays.fill(similarities, 1);
    for (int i = 0; i < centers.length; i++) {
      if (centers[i] != i) {
        centers[i] = nearest(i); // among those kept later too
        similarities[i] = Cosine.similarity(vectors.get(i), vectors.get(centers[i]));
      }
    }
    return new Choice(centers, similarities);
  }

  /** Returns the most similar of the kept vectors, the first of equals, if it is similar at all. */
  private int nearest(int position) {
    float[] vector = vectors.get(position);
    Cosine.scale(vector, unit);
    float candidate = (float) (threshold - 2 * Cosine.floatError(vector.length));
    int nearest = NONE;
    double most = threshold;
    for (int block = 0; block < kept.blocks(); block++) {
      kept.multiply(unit, block, products);
      for (int j = 0; j < kept.width(block); j++) {
        if (products[j] >= candidate) {
          int other = positions[block * UnitColumns.WIDTH + j];
          double similarity = Cosine.similarity(vector, vectors.get(other));
          if (nearest == NONE ? similarity >= most : similarity > most) {
            nearest = other;
            most = similarity;
          }
        }
      }
    }
    return nearest;
  }
}
