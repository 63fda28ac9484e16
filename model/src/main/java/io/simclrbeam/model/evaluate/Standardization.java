package io.simclrbeam.model.evaluate;

/**
 * Scales every feature to mean 0 and std 1 over the rows it was fitted on. A feature that is
 * constant there, as far as float32 can tell, becomes 0 everywhere.
 *
 * @param mean double {@code [d]}
 * @param scale double {@code [d]}, one over the std, or 0 for a constant feature
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Standardization(double[] mean, double[] scale) {
  /** Relative to the mean, the variation that rounding to float32 alone can cause. */
  private static final double RESOLUTION = 0x1p-23;

  static Standardization of(LabeledEmbeddings embeddings) {
    int n = embeddings.size();
    int d = embeddings.dimension();
    double[] mean = new double[d];
    for (int row = 0; row < n; row++) {
      for (int j = 0; j < d; j++) {
        mean[j] += embeddings.get(row, j);
      }
    }
    for (int j = 0; j < d; j++) {
      mean[j] /= n;
    }
    double[] squares = new double[d];
    for (int row = 0; row < n; row++) {
      for (int j = 0; j < d; j++) {
        double difference = embeddings.get(row, j) - mean[j];
        squares[j] += difference * difference;
      }
    }
    double[] scale = new double[d];
    for (int j = 0; j < d; j++) {
      double std = Math.sqrt(squares[j] / n);
      scale[j] = std > RESOLUTION * Math.abs(mean[j]) ? 1 / std : 0;
    }
    return new Standardization(mean, scale);
  }

  /**
   * Returns standardized rows {@code from} to {@code to} with a last feature that is always 1, so
   * that a linear function of them has an intercept: {@code [to - from, d + 1]}.
   */
  double[][] rows(LabeledEmbeddings embeddings, int from, int to) {
    double[][] rows = new double[to - from][mean.length + 1];
    copyRows(embeddings, from, rows);
    return rows;
  }

  /** Overwrites an array with as many rows, from {@code from} on. */
  void copyRows(LabeledEmbeddings embeddings, int from, double[][] out) {
    for (int i = 0; i < out.length; i++) {
      double[] row = out[i];
      embeddings.copyRow(from + i, row);
      for (int j = 0; j < mean.length; j++) {
        row[j] = (row[j] - mean[j]) * scale[j];
      }
      row[mean.length] = 1;
    }
  }
}
