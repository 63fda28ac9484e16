package io.simclrbeam.model.evaluate;

/**
 * The k most similar rows among those offered: a binary heap with the least similar on top. Of
 * equally similar rows the lower one counts as more similar.
 */
final class TopRows {
  private final double[] similarities;
  private final int[] rows;
  private int size;

  TopRows(int k) {
    similarities = new double[k];
    rows = new int[k];
  }

  /** Offers rows {@code firstRow}, {@code firstRow + 1} and so on. */
  void offerAll(double[] offered, int firstRow) {
    for (int i = 0; i < offered.length; i++) {
      if (size < rows.length) {
        size++;
        siftUp(offered[i], firstRow + i);
      } else if (less(similarities[0], rows[0], offered[i], firstRow + i)) {
        siftDown(offered[i], firstRow + i);
      }
    }
  }

  /** Empties the heap into descending order. */
  NearestNeighbors.Nearest descending() {
    int[] sortedRows = new int[size];
    double[] sorted = new double[size];
    while (size > 0) {
      size--;
      sortedRows[size] = rows[0];
      sorted[size] = similarities[0];
      siftDown(similarities[size], rows[size]);
    }
    return new NearestNeighbors.Nearest(sortedRows, sorted);
  }

  private static boolean less(double similarity, int row, double otherSimilarity, int otherRow) {
    return similarity < otherSimilarity || (similarity == otherSimilarity && row > otherRow);
  }

  /** Places an entry in the last position, or above it where it belongs. */
  private void siftUp(double similarity, int row) {
    int at = size - 1;
    while (at > 0) {
      int parent = (at - 1) / 2;
      if (!less(similarity, row, similarities[parent], rows[parent])) {
        break;
      }
      set(at, similarities[parent], rows[parent]);
      at = parent;
    }
    set(at, similarity, row);
  }

  /** Places an entry on top in place of the one there, or below where it belongs. */
  private void siftDown(double similarity, int row) {
    int at = 0;
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size
          && less(similarities[child + 1], rows[child + 1], similarities[child], rows[child])) {
        child++;
      }
      if (!less(similarities[child], rows[child], similarity, row)) {
        break;
      }
      set(at, similarities[child], rows[child]);
      at = child;
    }
    set(at, similarity, row);
  }

  private void set(int at, double similarity, int row) {
    similarities[at] = similarity;
    rows[at] = row;
  }
}
