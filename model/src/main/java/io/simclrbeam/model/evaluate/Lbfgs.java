package io.simclrbeam.model.evaluate;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Minimizes a smooth function by L-BFGS (Nocedal and Wright, "Numerical Optimization", 2006,
 * algorithms 7.4 and 7.5) with a line search that brackets and bisects until the weak Wolfe
 * conditions hold (Lewis and Overton, "Nonsmooth optimization via quasi-Newton methods", 2013,
 * algorithm 2.6).
 */
final class Lbfgs {
  private static final int MEMORY = 10;
  private static final double SUFFICIENT_DECREASE = 1e-4;
  private static final double CURVATURE = 0.9;
  private static final int LINE_SEARCH_STEPS = 50;

  private Lbfgs() {}

  /** A function of a vector, with its gradient. */
  interface Objective {
    /** Returns the value at a point and overwrites {@code gradient} with the gradient there. */
    double evaluate(double[] point, double[] gradient);
  }

  /**
   * Where the search ended.
   *
   * @param gradientNorm the largest absolute component of the gradient there
   * @param converged whether that is within the tolerance
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Minimum(
      double[] point, double value, double gradientNorm, int iterations, boolean converged) {}

  /** One step and the change of the gradient over it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Correction(double[] step, double[] change, double inverseProduct) {}

  /**
   * Searches from a point until the largest absolute component of the gradient is at most {@code
   * tolerance}, the iterations are used up, or rounding errors hide any further descent.
   */
  static Minimum minimize(
      Objective objective, double[] start, double tolerance, int maxIterations) {
    double[] point = start.clone();
    double[] gradient = new double[point.length];
    double value = objective.evaluate(point, gradient);
    Deque<Correction> corrections = new ArrayDeque<>();
    int iterations = 0;
    while (largest(gradient) > tolerance && iterations < maxIterations) {
      double[] direction = direction(gradient, corrections);
      double slope = dot(direction, gradient);
      double[] nextPoint = new double[point.length];
      double[] nextGradient = new double[point.length];
      double nextValue = Double.NaN;
      double low = 0;
      double high = Double.POSITIVE_INFINITY;
      double length = corrections.isEmpty() ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
      boolean found = false;
      for (int step = 0; step < LINE_SEARCH_STEPS && !found; step++) {
        for (int i = 0; i < point.length; i++) {
          nextPoint[i] = point[i] + length * direction[i];
        }
        nextValue = objective.evaluate(nextPoint, nextGradient);
        if (!(nextValue <= value + SUFFICIENT_DECREASE * length * slope)) {
          high = length;
        } else if (dot(direction, nextGradient) < CURVATURE * slope) {
          low = length;
        } else {
          found = true;
        }
        if (!found) {
          length = Double.isInfinite(high) ? 2 * low : (low + high) / 2;
        }
      }
      if (!found) {
        break;
      }
      remember(corrections, point, nextPoint, gradient, nextGradient);
      point = nextPoint;
      gradient = nextGradient;
      value = nextValue;
      iterations++;
    }
    double norm = largest(gradient);
    return new Minimum(point, value, norm, iterations, norm <= tolerance);
  }

  /** The two-loop recursion. */
  private static double[] direction(double[] gradient, Deque<Correction> corrections) {
    double[] direction = new double[gradient.length];
    addScaled(direction, -1, gradient);
    double[] weights = new double[corrections.size()];
    int i = corrections.size();
    for (Iterator<Correction> newest = corrections.descendingIterator(); newest.hasNext(); ) {
      Correction correction = newest.next();
      weights[--i] = correction.inverseProduct * dot(correction.step, direction);
      addScaled(direction, -weights[i], correction.change);
    }
    Correction last = corrections.peekLast();
    if (last != null) {
      double scale = 1 / (last.inverseProduct * dot(last.change, last.change));
      for (int j = 0; j < direction.length; j++) {
        direction[j] *= scale;
      }
    }
    for (Correction correction : corrections) {
      double weight = correction.inverseProduct * dot(correction.change, direction);
      addScaled(direction, weights[i++] - weight, correction.step);
    }
    return direction;
  }

  private static void remember(
      Deque<Correction> corrections,
      double[] point,
      double[] nextPoint,
      double[] gradient,
      double[] nextGradient) {
    double[] step = nextPoint.clone();
    addScaled(step, -1, point);
    double[] change = nextGradient.clone();
    addScaled(change, -1, gradient);
    // Positive by the curvature condition.
    corrections.addLast(new Correction(step, change, 1 / dot(step, change)));
    if (corrections.size() > MEMORY) {
      corrections.removeFirst();
    }
  }

  private static void addScaled(double[] out, double scale, double[] vector) {
    for (int i = 0; i < out.length; i++) {
      out[i] += scale * vector[i];
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double largest(double[] vector) {
    double largest = 0;
    for (double component : vector) {
      largest = Math.max(largest, Math.abs(component));
    }
    return largest;
  }
}
