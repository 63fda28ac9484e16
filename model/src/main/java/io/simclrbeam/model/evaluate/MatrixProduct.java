package io.simclrbeam.model.evaluate;

/**
 * The inner loop in which all measures spend their time.
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
   * which is the form that the JIT compiler turns into vector instructions.
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
    transpose(matrix, transposed);
    return transposed;
  }

  /** Overwrites {@code [n, m]} with the transpose of {@code [m, n]}. */
  static void transpose(double[][] matrix, double[][] out) {
    int i = 0;
    // Eight rows at a time fill a cache line of each array written to.
    for (; i + 8 <= matrix.length; i += 8) {
      double[] row0 = matrix[i];
      double[] row1 = matrix[i + 1];
      double[] row2 = matrix[i + 2];
      double[] row3 = matrix[i + 3];
      double[] row4 = matrix[i + 4];
      double[] row5 = matrix[i + 5];
      double[] row6 = matrix[i + 6];
      double[] row7 = matrix[i + 7];
      for (int j = 0; j < out.length; j++) {
        double[] column = out[j];
        column[i] = row0[j];
        column[i + 1] = row1[j];
        column[i + 2] = row2[j];
        column[i + 3] = row3[j];
        column[i + 4] = row4[j];
        column[i + 5] = row5[j];
        column[i + 6] = row6[j];
        column[i + 7] = row7[j];
      }
    }
    for (; i < matrix.length; i++) {
      for (int j = 0; j < out.length; j++) {
        out[j][i] = matrix[i][j];
      }
    }
  }
}
