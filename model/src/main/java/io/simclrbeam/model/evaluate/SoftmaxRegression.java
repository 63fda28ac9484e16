package io.simclrbeam.model.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Multinomial logistic regression as a function to minimize: the mean over the rows of {@code -log
 * softmax(W x)_y}, plus {@code regularization / 2} times the sum of the squared weights without the
 * intercepts. In scikit-learn's terms {@code C = 1 / (n * regularization)}.
 *
 * <p>Points are weights {@code [classes, d + 1]}, row-major, the intercept last in each row.
 */
final class SoftmaxRegression implements Lbfgs.Objective {
  /**
   * Parts of the rows summed on their own. Fixed, and added up in order, so that the sums do not
   * depend on the number of threads.
   */
  private static final int STRIPS = 16;

  private static final int TILE = 128;

  private final LabeledEmbeddings embeddings;
  private final Standardization standardization;
  private final int[] classes;
  private final int classCount;
  private final double regularization;

  /**
   * Creates the objective.
   *
   * @param classes int {@code [n]}, the class of each row in [0, classCount)
   */
  SoftmaxRegression(
      LabeledEmbeddings embeddings,
      Standardization standardization,
      int[] classes,
      int classCount,
      double regularization) {
    this.embeddings = embeddings;
    this.standardization = standardization;
    this.classes = classes;
    this.classCount = classCount;
    this.regularization = regularization;
  }

  /** The sums over one strip of rows: of the losses, and of their gradients. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Sums(double loss, double[][] gradient) {}

  @Override
  public double evaluate(double[] point, double[] gradient) {
    int columns = embeddings.dimension() + 1;
    double[][] weights = rows(point, columns);
    List<Sums> strips =
        IntStream.range(0, STRIPS).parallel().mapToObj(strip -> sums(weights, strip)).toList();
    double loss = 0;
    Arrays.fill(gradient, 0);
    for (Sums sums : strips) {
      loss += sums.loss;
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] += sums.gradient[i / columns][i % columns];
      }
    }
    double squares = 0;
    for (int i = 0; i < point.length; i++) {
      gradient[i] /= embeddings.size();
      if (i % columns != columns - 1) {
        gradient[i] += regularization * point[i];
        squares += point[i] * point[i];
      }
    }
    return loss / embeddings.size() + regularization / 2 * squares;
  }

  private Sums sums(double[][] weights, int strip) {
    // Whole tiles, so that one set of arrays serves them all, except for the last rows.
    int tiles = (embeddings.size() + TILE - 1) / TILE;
    int first = tiles * strip / STRIPS * TILE;
    int last = Math.min(tiles * (strip + 1) / STRIPS * TILE, embeddings.size());
    double[][] gradient = new double[classCount][embeddings.dimension() + 1];
    double[][] features = {};
    double[][] columns = {};
    double loss = 0;
    for (int from = first; from < last; from += TILE) {
      int rows = Math.min(TILE, last - from);
      if (features.length != rows) {
        features = new double[rows][embeddings.dimension() + 1];
        columns = new double[embeddings.dimension() + 1][rows];
      }
      standardization.copyRows(embeddings, from, features);
      MatrixProduct.transpose(features, columns);
      double[][] scores = new double[classCount][rows];
      MatrixProduct.add(weights, columns, scores);
      for (int i = 0; i < rows; i++) {
        loss += subtractTarget(scores, i, classes[from + i]);
      }
      MatrixProduct.add(scores, features, gradient);
    }
    return new Sums(loss, gradient);
  }

  /**
   * Turns a column of scores into the gradient of its loss, softmax minus one-hot target, and
   * returns the loss.
   */
  private static double subtractTarget(double[][] scores, int column, int target) {
    double highest = Double.NEGATIVE_INFINITY;
    for (double[] ofClass : scores) {
      highest = Math.max(highest, ofClass[column]);
    }
    double toTarget = scores[target][column] - highest;
    double sum = 0;
    for (double[] ofClass : scores) {
      ofClass[column] = StrictMath.exp(ofClass[column] - highest);
      sum += ofClass[column];
    }
    for (double[] ofClass : scores) {
      ofClass[column] /= sum;
    }
    scores[target][column] -= 1;
    return StrictMath.log(sum) - toTarget;
  }

  /**
   * Returns the class with the highest score for each row, the lower one of equals, int {@code
   * [n]}.
   */
  static int[] predict(
      double[] point, Standardization standardization, LabeledEmbeddings embeddings) {
    double[][] weights = rows(point, embeddings.dimension() + 1);
    int[] predicted = new int[embeddings.size()];
    int tiles = (embeddings.size() + TILE - 1) / TILE;
    IntStream.range(0, tiles)
        .parallel()
        .forEach(
            tile -> {
              int from = tile * TILE;
              int to = Math.min(from + TILE, embeddings.size());
              double[][] scores = new double[weights.length][to - from];
              MatrixProduct.add(
                  weights,
                  MatrixProduct.transpose(standardization.rows(embeddings, from, to)),
                  scores);
              for (int i = from; i < to; i++) {
                for (int c = 1; c < scores.length; c++) {
                  if (scores[c][i - from] > scores[predicted[i]][i - from]) {
                    predicted[i] = c;
                  }
                }
              }
            });
    return predicted;
  }

  private static double[][] rows(double[] point, int columns) {
    double[][] rows = new double[point.length / columns][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(point, i * columns, (i + 1) * columns);
    }
    return rows;
  }
}
