package io.simclrbeam.model.evaluate;

import java.util.OptionalDouble;

/**
 * How close images of the same class lie: the mean squared distance of two of them, embeddings
 * scaled to norm 1, over all pairs of different images of the same class. From 0, each class in one
 * point, to 4.
 *
 * <p>Wang and Isola, "Understanding Contrastive Representation Learning through Alignment and
 * Uniformity on the Hypersphere", 2020 (arXiv 2005.10242), section 4.1.1, with alpha = 2 and images
 * of one class as the positive pairs.
 */
public final class Alignment {
  private Alignment() {}

  /**
   * Returns the mean squared distance, exact, or empty if no class has two images.
   *
   * @throws IllegalArgumentException if a row has no label
   */
  public static OptionalDouble of(LabeledEmbeddings embeddings) {
    Classes classes = Classes.of(embeddings);
    int[] classOfRow = classes.indices(embeddings);
    int dimension = embeddings.dimension();
    double[][] means = new double[classes.count()][dimension];
    long[] counts = new long[classes.count()];
    for (int row = 0; row < classOfRow.length; row++) {
      double[] unit = embeddings.unitRows(row, row + 1)[0];
      double[] mean = means[classOfRow[row]];
      long count = ++counts[classOfRow[row]];
      for (int j = 0; j < dimension; j++) {
        mean[j] += (unit[j] - mean[j]) / count;
      }
    }
    double[] scatter = new double[classes.count()];
    for (int row = 0; row < classOfRow.length; row++) {
      double[] unit = embeddings.unitRows(row, row + 1)[0];
      for (int j = 0; j < dimension; j++) {
        double difference = unit[j] - means[classOfRow[row]][j];
        scatter[classOfRow[row]] += difference * difference;
      }
    }
    // The squared distances of all ordered pairs of m points sum to 2 m times their scatter.
    double distances = 0;
    double pairs = 0;
    for (int c = 0; c < counts.length; c++) {
      distances += 2.0 * counts[c] * scatter[c];
      pairs += (double) counts[c] * (counts[c] - 1);
    }
    return pairs == 0 ? OptionalDouble.empty() : OptionalDouble.of(distances / pairs);
  }
}
