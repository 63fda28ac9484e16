package io.simclrbeam.model.evaluate;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;

/**
 * The effective rank of a set of embeddings: the exponential of the entropy of its singular values,
 * scaled to a sum of 1. It is 1 if all embeddings lie on a line through the origin, and the smaller
 * of n and d if all directions are used alike.
 *
 * <p>Garrido et al., "RankMe: Assessing the Downstream Performance of Pretrained Self-Supervised
 * Representations by Their Rank", 2023 (arXiv 2210.02885), equation 1, with {@code 0 log 0 = 0} in
 * place of the small constant there.
 */
public final class RankMe {
  private static final int TILE = 256;
  private static final int OUTPUT_ROWS = 64;

  private RankMe() {}

  /** Returns the effective rank of the matrix {@code [n, d]}, or 0 if it holds nothing but 0. */
  public static double of(LabeledEmbeddings embeddings) {
    return ofEigenvalues(SymmetricMatrix.eigenvalues(new DMatrixRMaj(gram(embeddings))));
  }

  /** Returns the effective rank of a matrix from the eigenvalues of its product with itself. */
  static double ofEigenvalues(double[] eigenvalues) {
    double largest = Arrays.stream(eigenvalues).max().orElseThrow();
    // An eigenvalue below this is rounding error. Its square root would be large enough to count.
    double noise = largest * eigenvalues.length * Math.ulp(1.0);
    double[] singular =
        Arrays.stream(eigenvalues).filter(value -> value > noise).map(Math::sqrt).toArray();
    double sum = Arrays.stream(singular).sum();
    double entropy = 0;
    for (double value : singular) {
      entropy -= value / sum * StrictMath.log(value / sum);
    }
    return singular.length == 0 ? 0 : StrictMath.exp(entropy);
  }

  /** Returns the smaller of the two products of the matrix with its transpose. */
  static double[][] gram(LabeledEmbeddings embeddings) {
    boolean tall = embeddings.size() >= embeddings.dimension();
    int summed = tall ? embeddings.size() : embeddings.dimension();
    int kept = tall ? embeddings.dimension() : embeddings.size();
    double[][] gram = new double[kept][kept];
    for (int from = 0; from < summed; from += TILE) {
      double[][] tile = new double[Math.min(TILE, summed - from)][kept];
      for (int i = 0; i < tile.length; i++) {
        for (int j = 0; j < kept; j++) {
          tile[i][j] = tall ? embeddings.get(from + i, j) : embeddings.get(j, from + i);
        }
      }
      double[][] transposed = MatrixProduct.transpose(tile);
      IntStream.range(0, (kept + OUTPUT_ROWS - 1) / OUTPUT_ROWS)
          .parallel()
          .forEach(
              block -> {
                int first = block * OUTPUT_ROWS;
                int last = Math.min(first + OUTPUT_ROWS, kept);
                MatrixProduct.add(
                    Arrays.copyOfRange(transposed, first, last),
                    tile,
                    Arrays.copyOfRange(gram, first, last));
              });
    }
    return gram;
  }
}
