package io.simclrbeam.model.evaluate;

import java.io.Serializable;

/**
 * A slice of {@link Moments}, small enough to travel between workers by itself. Slices of the same
 * index of different embeddings can be merged.
 */
public final class MomentsPart implements Serializable {
  /** Max numbers in a slice of the products: 256 kB. */
  static final int MAX_SUMS = 1 << 15;

  private static final long serialVersionUID = 1;

  private final int index;

  /** What adds up. */
  final double[] sums;

  final double minNorm;
  final double maxNorm;

  MomentsPart(int index, double[] sums, double minNorm, double maxNorm) {
    this.index = index;
    this.sums = sums;
    this.minNorm = minNorm;
    this.maxNorm = maxNorm;
  }

  /** Returns which slice it is, from 0. */
  public int index() {
    return index;
  }

  /**
   * Returns the slice of the embeddings of both; neither changes.
   *
   * @throws IllegalArgumentException if they are different slices
   */
  public MomentsPart merge(MomentsPart other) {
    if (other.index != index || other.sums.length != sums.length) {
      throw new IllegalArgumentException(
          "slice %d of %d numbers and slice %d of %d"
              .formatted(index, sums.length, other.index, other.sums.length));
    }
    double[] merged = sums.clone();
    for (int i = 0; i < merged.length; i++) {
      merged[i] += other.sums[i];
    }
    return new MomentsPart(
        index, merged, Math.min(minNorm, other.minNorm), Math.max(maxNorm, other.maxNorm));
  }
}
