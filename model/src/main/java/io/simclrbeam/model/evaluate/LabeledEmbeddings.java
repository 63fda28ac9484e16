package io.simclrbeam.model.evaluate;

import io.simclrbeam.model.neighbors.Cosine;
import io.simclrbeam.model.random.SeededRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** An immutable set of embeddings, float32 {@code [n, d]}, with an id and maybe a label per row. */
public final class LabeledEmbeddings {
  private final List<String> ids;
  private final List<@Nullable String> labels;
  private final int dimension;
  private final float[] vectors;

  private LabeledEmbeddings(
      List<String> ids, List<@Nullable String> labels, int dimension, float[] vectors) {
    this.ids = ids;
    this.labels = labels;
    this.dimension = dimension;
    this.vectors = vectors;
  }

  /**
   * Copies a set of embeddings.
   *
   * @param ids one per row, each different
   * @param labels the class of each row, null where it is not known
   * @param dimension the number d of columns, at least 1
   * @param vectors finite float32 {@code [n, d]}, row-major
   * @throws IllegalArgumentException if there is no row, the sizes disagree, an id occurs twice or
   *     a number is not finite
   */
  public static LabeledEmbeddings of(
      List<String> ids, List<? extends @Nullable String> labels, int dimension, float[] vectors) {
    if (dimension < 1) {
      throw new IllegalArgumentException(
          "embeddings need a dimension of at least 1, but it is " + dimension);
    }
    if (ids.isEmpty()) {
      throw new IllegalArgumentException("there are no embeddings");
    }
    if (labels.size() != ids.size() || vectors.length != (long) ids.size() * dimension) {
      throw new IllegalArgumentException(
          "%d ids need %d labels and %d x %d numbers, but there are %d labels and %d numbers"
              .formatted(
                  ids.size(), ids.size(), ids.size(), dimension, labels.size(), vectors.length));
    }
    Set<String> seen = new HashSet<>();
    for (String id : ids) {
      if (!seen.add(id)) {
        throw new IllegalArgumentException(
            "the id %s occurs twice; keep one embedding per image".formatted(id));
      }
    }
    for (int i = 0; i < vectors.length; i++) {
      if (!Float.isFinite(vectors[i])) {
        throw new IllegalArgumentException(
            "the embedding of %s holds %s at position %d; every number must be finite"
                .formatted(ids.get(i / dimension), vectors[i], i % dimension));
      }
    }
    return new LabeledEmbeddings(
        List.copyOf(ids),
        Collections.unmodifiableList(new ArrayList<>(labels)),
        dimension,
        vectors.clone());
  }

  /** Returns the number n of rows. */
  public int size() {
    return ids.size();
  }

  /** Returns the number d of columns. */
  public int dimension() {
    return dimension;
  }

  /** Returns the ids in the order of the rows. */
  public List<String> ids() {
    return ids;
  }

  /** Returns the labels in the order of the rows, null where not known. */
  public List<@Nullable String> labels() {
    return labels;
  }

  /** Returns one number. */
  public float get(int row, int column) {
    return vectors[row * dimension + column];
  }

  /**
   * Returns the same set with its rows in the order of their ids, so that what is computed from it
   * does not depend on the order in which the rows were read.
   */
  public LabeledEmbeddings sortedById() {
    return select(
        IntStream.range(0, size())
            .boxed()
            .sorted(Comparator.comparing(ids::get))
            .mapToInt(row -> row)
            .toArray());
  }

  /**
   * Returns all row numbers in a random order that is a function of each row's id alone, the order
   * to draw samples in.
   */
  int[] shuffledRows() {
    return IntStream.range(0, size())
        .boxed()
        .sorted(
            Comparator.comparingLong((Integer row) -> SeededRandom.mix(ids.get(row).hashCode()))
                .thenComparing(ids::get))
        .mapToInt(row -> row)
        .toArray();
  }

  /** Returns the given rows, in the given order. */
  LabeledEmbeddings select(int[] rows) {
    List<String> selectedIds = new ArrayList<>(rows.length);
    List<@Nullable String> selectedLabels = new ArrayList<>(rows.length);
    float[] selected = new float[rows.length * dimension];
    for (int i = 0; i < rows.length; i++) {
      selectedIds.add(ids.get(rows[i]));
      selectedLabels.add(labels.get(rows[i]));
      System.arraycopy(vectors, rows[i] * dimension, selected, i * dimension, dimension);
    }
    return new LabeledEmbeddings(
        Collections.unmodifiableList(selectedIds),
        Collections.unmodifiableList(selectedLabels),
        dimension,
        selected);
  }

  /** Returns the cosine similarity of two rows, as {@link Cosine#similarity} says. */
  public double similarity(int row, int other) {
    return Cosine.similarity(vectors, row * dimension, vectors, other * dimension, dimension);
  }

  /** Returns all rows, float32 {@code [n, d]}, row-major; not copied, so not to be changed. */
  public float[] vectors() {
    return vectors;
  }

  /** Copies a row to the first d positions of an array. */
  void copyRow(int row, double[] out) {
    int offset = row * dimension;
    for (int j = 0; j < dimension; j++) {
      out[j] = vectors[offset + j];
    }
  }

  /**
   * Returns rows {@code from} to {@code to} scaled to norm 1, {@code [to - from, d]}; a row of
   * zeros, which has no direction, stays as it is.
   */
  public double[][] unitRows(int from, int to) {
    double[][] rows = new double[to - from][dimension];
    for (int i = 0; i < rows.length; i++) {
      double[] row = rows[i];
      copyRow(from + i, row);
      double squares = 0;
      for (int j = 0; j < dimension; j++) {
        squares += row[j] * row[j];
      }
      double norm = squares > 0 ? Math.sqrt(squares) : 1;
      for (int j = 0; j < dimension; j++) {
        row[j] /= norm;
      }
    }
    return rows;
  }

  /**
   * Checks that the set can be compared with another.
   *
   * @throws IllegalArgumentException if the dimension is not the expected one
   */
  void requireDimension(int expected) {
    if (dimension != expected) {
      throw new IllegalArgumentException(
          "the embeddings have %d dimensions where %d are needed; compare embeddings of one model"
              .formatted(dimension, expected));
    }
  }
}
