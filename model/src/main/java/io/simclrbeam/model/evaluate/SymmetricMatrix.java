package io.simclrbeam.model.evaluate;

import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/** Eigenvalues of symmetric matrices {@code [d, d]}. */
final class SymmetricMatrix {
  private SymmetricMatrix() {}

  /** Returns the eigenvalues, in no order. */
  static double[] eigenvalues(DMatrixRMaj matrix) {
    EigenDecomposition_F64<DMatrixRMaj> decomposition = decompose(matrix, false);
    return IntStream.range(0, matrix.numRows)
        .mapToDouble(i -> decomposition.getEigenvalue(i).real)
        .toArray();
  }

  /** Returns the square root of a positive semidefinite matrix. */
  static DMatrixRMaj squareRoot(DMatrixRMaj matrix) {
    EigenDecomposition_F64<DMatrixRMaj> decomposition = decompose(matrix, true);
    int size = matrix.numRows;
    // Rows are eigenvectors times the fourth root of their eigenvalue: the root is their product.
    DMatrixRMaj rows = new DMatrixRMaj(size, size);
    for (int i = 0; i < size; i++) {
      double fourthRoot = Math.sqrt(Math.sqrt(Math.max(0, decomposition.getEigenvalue(i).real)));
      DMatrixRMaj vector = decomposition.getEigenVector(i);
      for (int j = 0; j < size; j++) {
        rows.set(i, j, fourthRoot * vector.get(j));
      }
    }
    DMatrixRMaj root = new DMatrixRMaj(size, size);
    CommonOps_DDRM.multInner(rows, root);
    return root;
  }

  private static EigenDecomposition_F64<DMatrixRMaj> decompose(
      DMatrixRMaj matrix, boolean vectors) {
    EigenDecomposition_F64<DMatrixRMaj> decomposition =
        DecompositionFactory_DDRM.eig(matrix.numRows, vectors, true);
    if (!decomposition.decompose(matrix.copy())) {
      throw new IllegalStateException(
          "the eigenvalues of a %d x %d matrix did not converge"
              .formatted(matrix.numRows, matrix.numRows));
    }
    return decomposition;
  }
}
