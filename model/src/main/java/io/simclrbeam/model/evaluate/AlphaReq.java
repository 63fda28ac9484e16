package io.simclrbeam.model.evaluate;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.ejml.data.DMatrixRMaj;

/**
 * How fast the variances of the principal components of embeddings fall: alpha, where the variance
 * of the i-th is about {@code i^-alpha}. Near 1 is said to be best; less is noise in many
 * directions, and more is a few directions that have all.
 *
 * <p>Agrawal et al., "alpha-ReQ: Assessing Representation Quality in Self-Supervised Learning by
 * Measuring Eigenspectrum Decay", 2022 (arXiv 2202.05808). The line is fitted to the logarithms of
 * components 4 to 100, each with weight {@code 1 / i}, as in the program of Stringer et al.,
 * "High-dimensional geometry of population responses in visual cortex", 2019, which that paper
 * uses.
 */
final class AlphaReq {
  private static final int FIRST = 4;
  private static final int LAST = 100;

  private AlphaReq() {}

  /** Returns alpha of the matrix {@code [n, d]}; empty if it has fewer than 5 components. */
  static OptionalDouble of(LabeledEmbeddings embeddings) {
    double[] variances = SymmetricMatrix.eigenvalues(new DMatrixRMaj(centered(embeddings)));
    Arrays.sort(variances);
    double largest = variances[variances.length - 1];
    double noise = largest * variances.length * Math.ulp(1.0); // what rounding has left
    double weights = 0;
    double sumX = 0;
    double sumY = 0;
    double sumXx = 0;
    double sumXy = 0;
    int count = 0;
    for (int i = FIRST; i <= Math.min(LAST, variances.length); i++) {
      double variance = variances[variances.length - i];
      if (variance <= noise) {
        break;
      }
      double weight = 1.0 / i;
      double x = StrictMath.log(i);
      double y = StrictMath.log(variance);
      weights += weight;
      sumX += weight * x;
      sumY += weight * y;
      sumXx += weight * x * x;
      sumXy += weight * x * y;
      count++;
    }
    return count < 2
        ? OptionalDouble.empty()
        : OptionalDouble.of(-(weights * sumXy - sumX * sumY) / (weights * sumXx - sumX * sumX));
  }

  /**
   * Returns the smaller of the two products of the matrix with its transpose, after the mean was
   * taken from each row: their eigenvalues above 0 are alike.
   */
  private static double[][] centered(LabeledEmbeddings embeddings) {
    int n = embeddings.size();
    int d = embeddings.dimension();
    double[][] gram = RankMe.gram(embeddings);
    if (n >= d) {
      double[] sums = new double[d];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < d; j++) {
          sums[j] += embeddings.get(i, j);
        }
      }
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) {
          gram[i][j] -= sums[i] * sums[j] / n;
        }
      }
      return gram;
    }
    double[] means = Arrays.stream(gram).mapToDouble(row -> Arrays.stream(row).sum() / n).toArray();
    double mean = Arrays.stream(means).sum() / n;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        gram[i][j] += mean - means[i] - means[j];
      }
    }
    return gram;
  }
}
