package io.simclrbeam.model.evaluate;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * How evenly embeddings spread over the sphere: the logarithm of the mean of {@code exp(-2 |x -
 * y|^2)}, embeddings scaled to norm 1, over all pairs of different images. From 0, all in one
 * point, to about -4 for an even spread.
 *
 * <p>Wang and Isola, 2020 (arXiv 2005.10242), section 4.1.2, with t = 2.
 */
public final class Uniformity {
  /**
   * At most so many embeddings are compared. More are sampled; the same ids give the same sample.
   */
  public static final int MAX_ROWS = 4096;

  private static final double T = 2;
  private static final int BLOCK = 256;

  private Uniformity() {}

  /** Returns the uniformity, or empty if there is one embedding only. */
  public static OptionalDouble of(LabeledEmbeddings embeddings) {
    int n = Math.min(embeddings.size(), MAX_ROWS);
    if (n < 2) {
      return OptionalDouble.empty();
    }
    LabeledEmbeddings sample =
        embeddings.size() == n
            ? embeddings
            : embeddings.select(Arrays.copyOf(embeddings.shuffledRows(), n));
    int blocks = (n + BLOCK - 1) / BLOCK;
    double[] sums =
        IntStream.range(0, blocks).parallel().mapToDouble(block -> sum(sample, block)).toArray();
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    return OptionalDouble.of(StrictMath.log(total / (0.5 * n * (n - 1))));
  }

  /** Sums over the pairs of a row of a block with a row before it. */
  private static double sum(LabeledEmbeddings embeddings, int block) {
    int from = block * BLOCK;
    int to = Math.min(from + BLOCK, embeddings.size());
    double[][] rows = embeddings.unitRows(from, to);
    double[] squares = squares(rows);
    double sum = 0;
    for (int otherFrom = 0; otherFrom <= from; otherFrom += BLOCK) {
      int otherTo = Math.min(otherFrom + BLOCK, to);
      double[][] others = embeddings.unitRows(otherFrom, otherTo);
      double[] otherSquares = squares(others);
      double[][] products = new double[rows.length][others.length];
      MatrixProduct.add(rows, MatrixProduct.transpose(others), products);
      for (int i = 0; i < rows.length; i++) {
        int pairs = Math.min(others.length, from + i - otherFrom);
        for (int j = 0; j < pairs; j++) {
          double squaredDistance = squares[i] + otherSquares[j] - 2 * products[i][j];
          sum += StrictMath.exp(-T * squaredDistance);
        }
      }
    }
    return sum;
  }

  /** Returns the squared norm of each row: 1, or 0 for a row of zeros, up to rounding. */
  private static double[] squares(double[][] rows) {
    return Arrays.stream(rows)
        .mapToDouble(row -> Arrays.stream(row).map(value -> value * value).sum())
        .toArray();
  }
}
