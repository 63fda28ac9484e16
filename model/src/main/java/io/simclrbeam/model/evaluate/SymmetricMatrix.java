package io.simclrbeam.model.evaluate;

import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * Eigenvalues of symmetric matrices {@code [d, d]} of finite numbers. Their errors are those of
 * rounding the largest of them.
 *
 * <p>The QR algorithm takes a number beside the diagonal for 0 if it is small beside those on it.
 * In a matrix of low rank nearly all of both are what rounding has left, and the algorithm may
 * never end. So it gets the matrix scaled to a norm below 1, plus a part of the identity, which
 * adds that part to each eigenvalue.
 */
final class SymmetricMatrix {
  /** Large beside what rounding leaves, and small enough to cost no exactness. */
  private static final double SHIFT = 1.0 / 16;

  private final EigenDecomposition_F64<DMatrixRMaj> shifted;
  private final double scale;

  private SymmetricMatrix(DMatrixRMaj matrix, boolean vectors) {
    int size = matrix.numRows;
    scale = Math.scalb(1.0, Math.getExponent(NormOps_DDRM.normF(matrix)) + 1);
    shifted = DecompositionFactory_DDRM.eig(size, vectors, true);
    DMatrixRMaj sum = CommonOps_DDRM.identity(size);
    CommonOps_DDRM.scale(SHIFT, sum);
    CommonOps_DDRM.addEquals(sum, 1 / scale, matrix);
    if (!shifted.decompose(sum)) {
      throw new IllegalStateException(
          "the eigenvalues of a %d x %d matrix did not converge".formatted(size, size));
    }
  }

  private double eigenvalue(int i) {
    return scale * (shifted.getEigenvalue(i).real - SHIFT);
  }

  /** Returns the eigenvalues, in no order. */
  static double[] eigenvalues(DMatrixRMaj matrix) {
    return IntStream.range(0, matrix.numRows)
        .mapToDouble(new SymmetricMatrix(matrix, false)::eigenvalue)
        .toArray();
  }

  /** Returns the square root of a positive semidefinite matrix. */
  static DMatrixRMaj squareRoot(DMatrixRMaj matrix) {
    SymmetricMatrix decomposed = new SymmetricMatrix(matrix, true);
    int size = matrix.numRows;
    // Rows are eigenvectors times the fourth root of their eigenvalue: the root is their product.
    DMatrixRMaj rows = new DMatrixRMaj(size, size);
    for (int i = 0; i < size; i++) {
      double fourthRoot = Math.sqrt(Math.sqrt(Math.max(0, decomposed.eigenvalue(i))));
      DMatrixRMaj vector = decomposed.shifted.getEigenVector(i);
      for (int j = 0; j < size; j++) {
        rows.set(i, j, fourthRoot * vector.get(j));
      }
    }
    DMatrixRMaj root = new DMatrixRMaj(size, size);
    CommonOps_DDRM.multInner(rows, root);
    return root;
  }
}
