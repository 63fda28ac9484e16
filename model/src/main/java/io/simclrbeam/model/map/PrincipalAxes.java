package io.simclrbeam.model.map;

import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import io.simclrbeam.model.random.Purpose;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.random.SeededRandom;
import java.util.Arrays;

/**
 * The two directions in which embeddings, scaled to norm 1, differ most: by subspace iteration
 * (Golub and Van Loan, "Matrix Computations", 2013, section 8.2.4) over a part of them at even
 * distances. The axes are a function of the embeddings and their order.
 */
final class PrincipalAxes {
  /** More embeddings say little more about the axes. */
  private static final int SAMPLE = 10_000;

  private static final int ITERATIONS = 40;

  private final double[] mean;
  private final double[][] axes;

  private PrincipalAxes(double[] mean, double[][] axes) {
    this.mean = mean;
    this.axes = axes;
  }

  static PrincipalAxes of(LabeledEmbeddings embeddings) {
    int stride = (embeddings.size() + SAMPLE - 1) / SAMPLE;
    double[][] sample = new double[(embeddings.size() + stride - 1) / stride][];
    for (int i = 0; i < sample.length; i++) {
      sample[i] = embeddings.unitRows(i * stride, i * stride + 1)[0];
    }
    double[] mean = new double[embeddings.dimension()];
    for (double[] row : sample) {
      addScaled(mean, row, 1.0 / sample.length);
    }
    for (double[] row : sample) {
      addScaled(row, mean, -1);
    }
    SeededRandom random = RandomStreams.of(0).stream(Purpose.MAP, 2);
    double[][] axes = new double[2][mean.length];
    for (double[] axis : axes) {
      Arrays.setAll(axis, i -> random.nextGaussian());
    }
    orthonormalize(axes);
    for (int i = 0; i < ITERATIONS; i++) {
      double[][] next = new double[2][mean.length];
      for (double[] row : sample) {
        for (int axis = 0; axis < 2; axis++) {
          addScaled(next[axis], row, dot(row, axes[axis]));
        }
      }
      axes = next;
      orthonormalize(axes);
    }
    return new PrincipalAxes(mean, axes);
  }

  /** Returns the place of each embedding along both axes, double {@code [n, 2]}. */
  double[] project(LabeledEmbeddings embeddings) {
    double[] places = new double[2 * embeddings.size()];
    for (int i = 0; i < embeddings.size(); i++) {
      double[] row = embeddings.unitRows(i, i + 1)[0];
      addScaled(row, mean, -1);
      places[2 * i] = dot(row, axes[0]);
      places[2 * i + 1] = dot(row, axes[1]);
    }
    return places;
  }

  private static void orthonormalize(double[][] axes) {
    normalize(axes[0]);
    addScaled(axes[1], axes[0], -dot(axes[0], axes[1]));
    normalize(axes[1]);
  }

  /** An axis that no embedding has a part of stays at zero. */
  private static void normalize(double[] axis) {
    double norm = Math.sqrt(dot(axis, axis));
    for (int i = 0; i < axis.length; i++) {
      axis[i] = norm > 0 ? axis[i] / norm : 0;
    }
  }

  private static void addScaled(double[] sum, double[] row, double scale) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += scale * row[i];
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
