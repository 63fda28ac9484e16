package io.simclrbeam.model.neighbors;

/** Cosine similarity in double precision, and bounds on the error of float32. */
public final class Cosine {
  private static final double UNIT_ROUNDOFF = 0x1.0p-24;

  private Cosine() {}

  /**
   * Returns the cosine of the angle between two vectors, in [-1, 1] up to rounding; exactly 1 for
   * equal vectors, and 0 if one of them has no direction.
   *
   * @param a finite float32 {@code [d]}
   * @param b finite float32 {@code [d]}
   */
  public static double similarity(float[] a, float[] b) {
    return similarity(a, 0, b, 0, a.length);
  }

  /** Returns the same for the vectors {@code [d]} that begin at places of two arrays. */
  public static double similarity(float[] a, int fromA, float[] b, int fromB, int dimension) {
    double product = 0;
    double squaresA = 0;
    double squaresB = 0;
    for (int k = 0; k < dimension; k++) {
      double x = a[fromA + k];
      double y = b[fromB + k];
      product += x * y;
      squaresA += x * x;
      squaresB += y * y;
    }
    double norms = Math.sqrt(squaresA * squaresB);
    return norms > 0 ? product / norms : 0;
  }

  /** Returns whether a vector has a direction: all numbers are finite, and not all are 0. */
  public static boolean hasDirection(float[] vector) {
    double squares = squares(vector);
    return squares > 0 && squares < Double.POSITIVE_INFINITY;
  }

  /**
   * Writes a vector, scaled to norm 1 and rounded to float32, to {@code out}. One of zeros stays
   * so, and has a product of 0 with all.
   */
  static void scale(float[] vector, float[] out) {
    double squares = squares(vector);
    double norm = squares > 0 ? Math.sqrt(squares) : 1;
    for (int k = 0; k < vector.length; k++) {
      out[k] = (float) (vector[k] / norm);
    }
  }

  /**
   * Returns how far the float32 product of two vectors of norm 1 may be from their cosine: two
   * roundings of each number, and those of the sum (Higham, "Accuracy and Stability of Numerical
   * Algorithms", 2002, section 3.1).
   */
  static double floatError(int dimension) {
    return (dimension + 8) * UNIT_ROUNDOFF;
  }

  private static double squares(float[] vector) {
    double squares = 0;
    for (float number : vector) {
      squares += (double) number * number;
    }
    return squares;
  }
}
