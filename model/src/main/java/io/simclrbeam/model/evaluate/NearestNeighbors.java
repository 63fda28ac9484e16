package io.simclrbeam.model.evaluate;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Exact search for the nearest embeddings by cosine similarity: every pair is compared, in double
 * precision. Results do not depend on the number of threads.
 */
public final class NearestNeighbors {
  private static final int INDEX_BLOCK = 512;
  private static final int QUERY_BLOCK = 64;

  private final LabeledEmbeddings index;

  /** Creates a search among the rows of a set. */
  public NearestNeighbors(LabeledEmbeddings index) {
    this.index = index;
  }

  /**
   * The rows nearest to a query, most similar first.
   *
   * @param rows int {@code [k]} row numbers; not copied, so not to be changed by the receiver
   * @param similarities double {@code [k]}, cosine similarities in [-1, 1] up to rounding,
   *     descending
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared; lists would box every number
  public record Nearest(int[] rows, double[] similarities) {}

  /**
   * Returns, for each row of {@code queries}, the k most similar rows of the index (all of them if
   * it has fewer), most similar first; of equally similar rows the lower one comes first.
   *
   * @param k at least 1
   * @throws IllegalArgumentException if k is below 1 or the dimensions differ
   */
  public List<Nearest> search(LabeledEmbeddings queries, int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1, but is " + k);
    }
    queries.requireDimension(index.dimension());
    int kept = Math.min(k, index.size());
    List<TopRows> nearest =
        IntStream.range(0, queries.size()).mapToObj(row -> new TopRows(kept)).toList();
    int queryBlocks = (queries.size() + QUERY_BLOCK - 1) / QUERY_BLOCK;
    for (int from = 0; from < index.size(); from += INDEX_BLOCK) {
      int firstRow = from;
      int to = Math.min(from + INDEX_BLOCK, index.size());
      double[][] columns = MatrixProduct.transpose(index.unitRows(from, to));
      IntStream.range(0, queryBlocks)
          .parallel()
          .forEach(
              block -> {
                int firstQuery = block * QUERY_BLOCK;
                int lastQuery = Math.min(firstQuery + QUERY_BLOCK, queries.size());
                double[][] similarity = new double[lastQuery - firstQuery][to - firstRow];
                MatrixProduct.add(queries.unitRows(firstQuery, lastQuery), columns, similarity);
                for (int i = 0; i < similarity.length; i++) {
                  nearest.get(firstQuery + i).offerAll(similarity[i], firstRow);
                }
              });
    }
    return nearest.stream().map(TopRows::descending).toList();
  }
}
