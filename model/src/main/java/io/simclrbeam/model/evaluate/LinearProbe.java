package io.simclrbeam.model.evaluate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A linear classifier on frozen embeddings: L2-regularized multinomial logistic regression on
 * features standardized over the training images, fitted by L-BFGS.
 *
 * <p>As in appendix B.8 of the SimCLR paper (arXiv 2002.05709), the regularization is chosen from a
 * logarithmic grid by accuracy on held-out training images, then the classifier is fitted again on
 * all of them. Held out is a fifth of each class, chosen by the hash of the ids. The grid is walked
 * from strong to weak, each fit starting from the last one's solution, until two values in a row
 * are no better than the best before them.
 */
public final class LinearProbe {
  /** A fit has converged when no component of the gradient of the mean loss is larger. */
  public static final double GRADIENT_TOLERANCE = 1e-4;

  private static final int MAX_ITERATIONS = 1000;

  /**
   * After so many values that are no better, the weaker ones, which are the slowest to fit, are
   * left out.
   */
  private static final int PATIENCE = 2;

  /** Weights of the L2 penalty {@code regularization / 2 * sum of squares}, strongest first. */
  static final List<Double> GRID = List.of(1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6);

  private final Classes classes;
  private final Standardization standardization;
  private final double regularization;
  private final Lbfgs.Minimum minimum;

  private LinearProbe(
      Classes classes,
      Standardization standardization,
      double regularization,
      Lbfgs.Minimum minimum) {
    this.classes = classes;
    this.standardization = standardization;
    this.regularization = regularization;
    this.minimum = minimum;
  }

  /**
   * Fits a classifier, choosing the regularization.
   *
   * @throws IllegalArgumentException if a row has no label
   */
  public static LinearProbe fit(LabeledEmbeddings train) {
    Classes classes = Classes.of(train);
    Split split = Split.of(train, classes);
    double[] start = zeros(classes, train);
    double regularization = GRID.get(0);
    double highest = -1;
    double[] best = start;
    int worse = 0;
    for (double candidate : GRID) {
      if (worse == PATIENCE) {
        break;
      }
      LinearProbe probe = fit(split.fitted(), classes, candidate, start);
      start = probe.minimum.point();
      double accuracy = split.heldOut() == null ? 0 : probe.top1(split.heldOut());
      if (accuracy > highest) {
        highest = accuracy;
        regularization = candidate;
        best = start;
        worse = 0;
      } else {
        worse++;
      }
    }
    return fit(train, classes, regularization, best);
  }

  /**
   * Fits a classifier with a given regularization.
   *
   * @param regularization at least 0, finite
   * @throws IllegalArgumentException if it is not, or a row has no label
   */
  public static LinearProbe fit(LabeledEmbeddings train, double regularization) {
    if (!(regularization >= 0) || Double.isInfinite(regularization)) {
      throw new IllegalArgumentException(
          "the regularization must be at least 0 and finite, but is " + regularization);
    }
    Classes classes = Classes.of(train);
    return fit(train, classes, regularization, zeros(classes, train));
  }

  private static LinearProbe fit(
      LabeledEmbeddings train, Classes classes, double regularization, double[] start) {
    Standardization standardization = Standardization.of(train);
    SoftmaxRegression objective =
        new SoftmaxRegression(
            train, standardization, classes.indices(train), classes.count(), regularization);
    return new LinearProbe(
        classes,
        standardization,
        regularization,
        Lbfgs.minimize(objective, start, GRADIENT_TOLERANCE, MAX_ITERATIONS));
  }

  private static double[] zeros(Classes classes, LabeledEmbeddings train) {
    return new double[classes.count() * (train.dimension() + 1)];
  }

  /** Returns the weight of the L2 penalty {@code regularization / 2 * sum of squares}. */
  public double regularization() {
    return regularization;
  }

  /** Returns whether the fit reached {@link #GRADIENT_TOLERANCE}. */
  public boolean converged() {
    return minimum.converged();
  }

  /**
   * Returns the part of the test images whose class is predicted right, in [0, 1]. A test image of
   * a class that the training images lack counts as wrong.
   *
   * @throws IllegalArgumentException if a test image has no label or the dimensions differ
   */
  public double top1(LabeledEmbeddings test) {
    return classes.accuracy(predictIndices(test), test);
  }

  /**
   * Returns the predicted label of each row.
   *
   * @throws IllegalArgumentException if the dimension is not that of the training embeddings
   */
  public List<String> predict(LabeledEmbeddings queries) {
    List<String> labels = new ArrayList<>(queries.size());
    for (int index : predictIndices(queries)) {
      labels.add(classes.names().get(index));
    }
    return Collections.unmodifiableList(labels);
  }

  private int[] predictIndices(LabeledEmbeddings queries) {
    queries.requireDimension(standardization.mean().length);
    return SoftmaxRegression.predict(minimum.point(), standardization, queries);
  }
}
