package io.simclrbeam.model.evaluate;

/**
 * The one inner loop that all measures spend their time in.
 *
 * <p>Every sum is taken in the same order wherever it is computed, so results are the same on any
 * machine and with any number of threads.
 */
final class MatrixProduct {
  /** Rows of b used in one go, so that they stay in the cache while all rows of a pass by. */
  private static final int DEPTH = 128;

  private MatrixProduct() {}

  /**
   * Adds a product of matrices: {@code out [m, n] += a [m, k] b [k, n]}.
   *
   * <p>The inner loop runs along rows that are arrays of their own, with one index for all of them:
   * the form that the JIT compiler turns into vector instructions.
   */
  static void add(double[][] a, double[][] b, double[][] out) {
    for (int start = 0; start < b.length; start += DEPTH) {
      int end = Math.min(start + DEPTH, b.length);
      for (int i = 0; i < out.length; i++) {
        int k = start;
        for (; k + 4 <= end; k += 4) {
          double[] s = a[i];
          addFour(out[i], s[k], b[k], s[k + 1], b[k + 1], s[k + 2], b[k + 2], s[k + 3], b[k + 3]);
        }
        for (; k < end; k++) {
          addOne(out[i], a[i][k], b[k]);
        }
      }
    }
  }

  private static void addFour(
      double[] out,
      double s0,
      double[] b0,
      double s1,
      double[] b1,
      double s2,
      double[] b2,
      double s3,
      double[] b3) {
    for (int j = 0; j < out.length; j++) {
      out[j] += s0 * b0[j] + s1 * b1[j] + s2 * b2[j] + s3 * b3[j];
    }
  }

  private static void addOne(double[] out, double s, double[] b) {
    for (int j = 0; j < out.length; j++) {
      out[j] += s * b[j];
    }
  }

  /** Returns {@code [n, m]} of {@code [m, n]}. */
  static double[][] transpose(double[][] matrix) {
    double[][] transposed = new double[matrix[0].length][matrix.length];
    for (int i = 0; i < matrix.length; i++) {
      double[] row = matrix[i];
      for (int j = 0; j < row.length; j++) {
        transposed[j][i] = row[j];
      }
    }
    return transposed;
  }
}
