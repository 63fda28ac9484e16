package io.simclrbeam.model.evaluate;

import io.simclrbeam.model.neighbors.NearestNeighbors;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Weighted k-nearest-neighbor classification: each of the k training images most similar to the
 * query by cosine votes for its class with weight {@code exp(similarity / temperature)}.
 *
 * <p>Wu et al., "Unsupervised Feature Learning via Non-Parametric Instance Discrimination", 2018
 * (arXiv 1805.01978), section 3.4. Exact; of equal votes the class whose label sorts first wins.
 */
public final class KnnClassifier {
  private final LabeledEmbeddings train;
  private final NearestNeighbors neighbors;
  private final Classes classes;
  private final int[] trainClasses;
  private final int k;
  private final double temperature;

  /**
   * Creates a classifier.
   *
   * @param train labeled embeddings
   * @param k neighbors that vote, at least 1; if there are fewer training images, all of them vote
   * @param temperature positive; Wu et al. use 0.07, SimCLR-style evaluations 0.1
   * @throws IllegalArgumentException if a setting is out of its range or a label is missing
   */
  public KnnClassifier(LabeledEmbeddings train, int k, double temperature) {
    if (k < 1) {
      throw new IllegalArgumentException("the neighbors k must be at least 1, but are " + k);
    }
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "the temperature of the votes must be above 0 and finite, but is " + temperature);
    }
    this.train = train;
    this.neighbors = new NearestNeighbors(train.vectors(), train.dimension());
    this.classes = Classes.of(train);
    this.trainClasses = classes.indices(train);
    this.k = Math.min(k, train.size());
    this.temperature = temperature;
  }

  /** Returns the number of neighbors that vote: k, or the number of training images if less. */
  public int k() {
    return k;
  }

  /**
   * Returns the part of the test images whose class is predicted right, in [0, 1]. A test image of
   * a class that the training images lack counts as wrong.
   *
   * @throws IllegalArgumentException if a test image has no label or the dimensions differ
   */
  public double top1(LabeledEmbeddings test) {
    int[] predicted = nearest(test).stream().mapToInt(this::vote).toArray();
    return classes.accuracy(predicted, test);
  }

  /**
   * Returns the part of the training images whose class the others predict right, in [0, 1]. Each
   * is tried with all others as training images, of which the k most similar vote.
   *
   * @throws IllegalStateException if there is only one training image
   */
  public double leaveOneOutTop1() {
    if (train.size() < 2) {
      throw new IllegalStateException("a single training image has no neighbors");
    }
    List<NearestNeighbors.Nearest> found = neighbors.search(train.vectors(), k + 1);
    int[] predicted =
        IntStream.range(0, found.size()).map(row -> vote(found.get(row).without(row))).toArray();
    return classes.accuracy(predicted, train);
  }

  /** Returns the predicted label of each row. */
  public List<String> predict(LabeledEmbeddings queries) {
    return nearest(queries).stream().map(nearest -> classes.names().get(vote(nearest))).toList();
  }

  private List<NearestNeighbors.Nearest> nearest(LabeledEmbeddings queries) {
    queries.requireDimension(train.dimension());
    return neighbors.search(queries.vectors(), k);
  }

  private int vote(NearestNeighbors.Nearest nearest) {
    double[] votes = new double[classes.count()];
    double highest = nearest.similarities()[0];
    for (int i = 0; i < nearest.rows().length; i++) {
      // Relative to the highest similarity, so that no temperature overflows the exponential.
      votes[trainClasses[nearest.rows()[i]]] +=
          StrictMath.exp((nearest.similarities()[i] - highest) / temperature);
    }
    int best = 0;
    for (int c = 1; c < votes.length; c++) {
      if (votes[c] > votes[best]) {
        best = c;
      }
    }
    return best;
  }
}
