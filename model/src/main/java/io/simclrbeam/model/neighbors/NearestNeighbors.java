package io.simclrbeam.model.neighbors;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Exact search for the nearest rows of a matrix by cosine similarity. Every pair is compared in
 * float32. Whatever may be among the nearest, given the error of that, is compared again in double
 * precision at the end. Results do not depend on the number of threads.
 *
 * <p>Unlike {@link ExactSearch} it has all rows in memory, so it compares few of them twice.
 */
public final class NearestNeighbors {
  /** Rows that are made columns at a time. */
  private static final int INDEX_ROWS = 1024;

  /** Queries that pass by the columns together. */
  private static final int QUERY_ROWS = 64;

  /** Dimensions of all columns that stay in the cache while the queries pass by: 256 KiB. */
  private static final int DEPTH = 64;

  private final float[] vectors;
  private final int dimension;

  /**
   * Creates a search.
   *
   * @param vectors finite float32 {@code [n, d]}, row-major; not copied, so not to be changed
   * @param dimension d, at least 1
   */
  public NearestNeighbors(float[] vectors, int dimension) {
    this.vectors = vectors;
    this.dimension = dimension;
  }

  /**
   * The rows nearest to a query, most similar first.
   *
   * @param rows int {@code [k]} row numbers; not copied, so not to be changed by the receiver
   * @param similarities double {@code [k]}, as {@link Cosine#similarity} says, descending
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared; lists would box every number
  public record Nearest(int[] rows, double[] similarities) {
    /** Leaves out a row, or else the last: rows like it may have taken its place. */
    public Nearest without(int row) {
      int[] kept =
          IntStream.range(0, rows.length)
              .filter(i -> rows[i] != row)
              .limit(rows.length - 1L)
              .toArray();
      return new Nearest(
          IntStream.of(kept).map(i -> rows[i]).toArray(),
          IntStream.of(kept).mapToDouble(i -> similarities[i]).toArray());
    }
  }

  /**
   * Returns, for each row of {@code queries}, the k most similar rows (all of them if there are
   * fewer), most similar first. Of equally similar rows the lower one comes first.
   *
   * @param queries finite float32 {@code [m, d]}, row-major
   * @param k at least 1
   * @throws IllegalArgumentException if k is below 1
   */
  public List<Nearest> search(float[] queries, int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1, but is " + k);
    }
    int rows = vectors.length / dimension;
    int count = queries.length / dimension;
    double margin = 2 * Cosine.floatError(dimension);
    List<Candidates> candidates =
        IntStream.range(0, count)
            .mapToObj(query -> new Candidates(Math.min(k, rows), margin))
            .toList();
    for (int from = 0; from < rows; from += INDEX_ROWS) {
      float[][] columns = columns(from, Math.min(from + INDEX_ROWS, rows));
      int firstRow = from;
      IntStream.range(0, (count + QUERY_ROWS - 1) / QUERY_ROWS)
          .parallel()
          .forEach(
              block -> {
                int first = block * QUERY_ROWS;
                int last = Math.min(first + QUERY_ROWS, count);
                compare(columns, firstRow, queries, first, candidates.subList(first, last));
              });
    }
    return IntStream.range(0, count)
        .parallel()
        .mapToObj(query -> nearest(queries, query, candidates.get(query), k))
        .toList();
  }

  private float[] row(float[] matrix, int row) {
    return Arrays.copyOfRange(matrix, row * dimension, (row + 1) * dimension);
  }

  /** Returns rows scaled to norm 1, as columns {@code [d, to - from]}. */
  private float[][] columns(int from, int to) {
    float[][] columns = new float[dimension][to - from];
    float[] unit = new float[dimension];
    for (int row = from; row < to; row++) {
      Cosine.scale(row(vectors, row), unit);
      for (int k = 0; k < dimension; k++) {
        columns[k][row - from] = unit[k];
      }
    }
    return columns;
  }

  /** Compares queries with all columns in float32. */
  private void compare(
      float[][] columns,
      int firstRow,
      float[] queries,
      int firstQuery,
      List<Candidates> candidates) {
    float[][] units = new float[candidates.size()][dimension];
    for (int i = 0; i < units.length; i++) {
      Cosine.scale(row(queries, firstQuery + i), units[i]);
    }
    float[][] products = new float[units.length][columns[0].length];
    for (int from = 0; from < dimension; from += DEPTH) {
      int to = Math.min(from + DEPTH, dimension);
      for (int i = 0; i < units.length; i++) {
        int k = from;
        for (; k + 4 <= to; k += 4) {
          addFour(products[i], units[i], columns, k);
        }
        for (; k < to; k++) {
          addOne(products[i], units[i][k], columns[k]);
        }
      }
    }
    for (int i = 0; i < units.length; i++) {
      candidates.get(i).offer(products[i], firstRow);
    }
  }

  /** Four at a time: the compiler makes vector instructions of it, and of eight it does not. */
  private static void addFour(float[] out, float[] unit, float[][] columns, int k) {
    float s0 = unit[k];
    float s1 = unit[k + 1];
    float s2 = unit[k + 2];
    float s3 = unit[k + 3];
    float[] c0 = columns[k];
    float[] c1 = columns[k + 1];
    float[] c2 = columns[k + 2];
    float[] c3 = columns[k + 3];
    for (int j = 0; j < out.length; j++) {
      out[j] += s0 * c0[j] + s1 * c1[j] + s2 * c2[j] + s3 * c3[j];
    }
  }

  private static void addOne(float[] out, float s, float[] column) {
    for (int j = 0; j < out.length; j++) {
      out[j] += s * column[j];
    }
  }

  private record Hit(int row, double similarity) {}

  private Nearest nearest(float[] queries, int query, Candidates candidates, int k) {
    List<Hit> hits =
        Arrays.stream(candidates.rows())
            .mapToObj(
                row ->
                    new Hit(
                        row,
                        Cosine.similarity(
                            queries, query * dimension, vectors, row * dimension, dimension)))
            .sorted(Comparator.comparingDouble(Hit::similarity).reversed().thenComparing(Hit::row))
            .limit(k)
            .toList();
    return new Nearest(
        hits.stream().mapToInt(Hit::row).toArray(),
        hits.stream().mapToDouble(Hit::similarity).toArray());
  }

  /** Rows that may be among the k nearest to a query, by products in float32. */
  private static final class Candidates {
    private final int k;
    private final double margin;
    private float[] products;
    private int[] rows;
    private int size;
    private double least = Double.NEGATIVE_INFINITY;

    Candidates(int k, double margin) {
      this.k = k;
      this.margin = margin;
      products = new float[2 * k + 32];
      rows = new int[products.length];
    }

    /** Offers rows {@code firstRow}, {@code firstRow + 1} and so on. */
    void offer(float[] offered, int firstRow) {
      for (int i = 0; i < offered.length; i++) {
        if (offered[i] >= least) {
          if (size == rows.length) {
            makeRoom();
          }
          products[size] = offered[i];
          rows[size++] = firstRow + i;
        }
      }
    }

    /** Where a great many are nearly equal, dropping the others is not enough. */
    private void makeRoom() {
      drop();
      if (size > rows.length - rows.length / 4) {
        products = Arrays.copyOf(products, 2 * rows.length);
        rows = Arrays.copyOf(rows, products.length);
      }
    }

    /** Drops those that cannot be among the k nearest, however the errors fall. */
    private void drop() {
      if (size <= k) {
        return;
      }
      float[] sorted = Arrays.copyOf(products, size);
      Arrays.sort(sorted);
      least = sorted[size - k] - margin;
      int kept = 0;
      for (int i = 0; i < size; i++) {
        if (products[i] >= least) {
          products[kept] = products[i];
          rows[kept++] = rows[i];
        }
      }
      size = kept;
    }

    int[] rows() {
      drop();
      return Arrays.copyOf(rows, size);
    }
  }
}
