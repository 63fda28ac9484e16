package io.simclrbeam.model.evaluate;

import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the embeddings of a small sample are like, to watch an encoder while it trains. It takes
 * seconds, as nothing is fitted. {@link Evaluation} is what models are compared by.
 *
 * @param images number of embeddings in the sample
 * @param rankme {@link RankMe} of the embeddings
 * @param embeddingStd mean over the axes of the standard deviation of the normalized embeddings
 *     (Chen and He, arXiv 2011.10566, section 4.1); near {@code 1 / sqrt(axes)} when they spread,
 *     near 0 after a collapse; 0 for a single one
 * @param knnTop1 {@link KnnClassifier#leaveOneOutTop1} of the labeled embeddings, in [0, 1]; null
 *     if they have fewer than two classes
 */
public record Probe(int images, double rankme, double embeddingStd, @Nullable Double knnTop1) {
  /** Neighbors that vote, and the temperature of their votes, as SimCLR-style evaluations have. */
  private static final int NEIGHBORS = 200;

  private static final double TEMPERATURE = 0.1;

  /** Looks at a sample. The result is a function of its rows and their order. */
  public static Probe of(LabeledEmbeddings sample) {
    return new Probe(sample.size(), RankMe.of(sample), embeddingStd(sample), knnTop1(sample));
  }

  static double embeddingStd(LabeledEmbeddings sample) {
    int n = sample.size();
    if (n == 1) {
      return 0;
    }
    double[] sum = new double[sample.dimension()];
    double[] squares = new double[sum.length];
    for (int i = 0; i < n; i++) {
      double[] row = sample.unitRows(i, i + 1)[0];
      for (int j = 0; j < row.length; j++) {
        sum[j] += row[j];
        squares[j] += row[j] * row[j];
      }
    }
    return IntStream.range(0, sum.length)
        .mapToDouble(j -> Math.sqrt(Math.max(0, squares[j] - sum[j] * sum[j] / n) / (n - 1)))
        .average()
        .orElseThrow();
  }

  private static @Nullable Double knnTop1(LabeledEmbeddings sample) {
    LabeledEmbeddings labeled =
        sample.select(
            IntStream.range(0, sample.size())
                .filter(row -> sample.labels().get(row) != null)
                .toArray());
    boolean tellsApart =
        labeled.labels().stream().filter(Objects::nonNull).distinct().limit(2).count() == 2;
    return tellsApart ? new KnnClassifier(labeled, NEIGHBORS, TEMPERATURE).leaveOneOutTop1() : null;
  }
}
