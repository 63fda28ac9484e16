package io.simclrbeam.model.neighbors;

import java.util.List;

/**
 * Finds all pairs of vectors whose cosine similarity reaches a threshold, by comparing each with
 * each. First in float32, with room for its error; those that come near the threshold then in
 * double precision. So the pairs are exactly those of {@link Cosine#similarity}. Needs a block of
 * scaled vectors beside what it is given, and no matrix of similarities.
 */
public final class SimilarPairs {
  private final double threshold;

  /** Takes a pair by the positions of its vectors in their lists. */
  @FunctionalInterface
  public interface Sink {
    void accept(int row, int column);
  }

  /**
   * Creates a search.
   *
   * @param threshold least similarity of a pair, above 0 and at most 1
   */
  public SimilarPairs(double threshold) {
    this.threshold = threshold;
  }

  /** Finds the pairs within a list; of each the lower position is the column. */
  public void within(List<float[]> vectors, Sink sink) {
    search(vectors, vectors, true, sink);
  }

  /** Finds the pairs of a vector of one list with a vector of another. */
  public void between(List<float[]> rows, List<float[]> columns, Sink sink) {
    search(rows, columns, false, sink);
  }

  private void search(
      List<float[]> rows, List<float[]> columns, boolean lowerColumnsOnly, Sink sink) {
    if (rows.isEmpty() || columns.isEmpty()) {
      return;
    }
    int dimension = rows.get(0).length;
    float candidate = (float) (threshold - 2 * Cosine.floatError(dimension));
    UnitColumns block = new UnitColumns(dimension);
    float[] unit = new float[dimension];
    float[] products = new float[UnitColumns.WIDTH];
    for (int from = 0; from < columns.size(); from += UnitColumns.WIDTH) {
      int to = Math.min(from + UnitColumns.WIDTH, columns.size());
      block.clear();
      columns.subList(from, to).forEach(block::add);
      for (int row = lowerColumnsOnly ? from + 1 : 0; row < rows.size(); row++) {
        float[] vector = rows.get(row);
        Cosine.scale(vector, unit);
        block.multiply(unit, 0, products);
        int end = lowerColumnsOnly ? Math.min(row, to) : to;
        for (int column = from; column < end; column++) {
          if (products[column - from] >= candidate
              && Cosine.similarity(vector, columns.get(column)) >= threshold) {
            sink.accept(row, column);
          }
        }
      }
    }
  }
}
