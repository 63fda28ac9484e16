package io.simclrbeam.model.evaluate;

import io.simclrbeam.model.random.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Small sets of embeddings to test with. */
final class TestEmbeddings {
  private TestEmbeddings() {}

  /** Returns rows with ids 0000, 0001, ... and labels "class 0", "class 1", ... */
  static LabeledEmbeddings of(float[][] rows, int[] classes) {
    List<@Nullable String> labels = new ArrayList<>();
    for (int c : classes) {
      labels.add("class " + c);
    }
    float[] flat = new float[rows.length * rows[0].length];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = rows[i / rows[0].length][i % rows[0].length];
    }
    List<String> ids = IntStream.range(0, rows.length).mapToObj("%04d"::formatted).toList();
    return LabeledEmbeddings.of(ids, labels, rows[0].length, flat);
  }

  /** Returns rows all of one class. */
  static LabeledEmbeddings of(float[]... rows) {
    return of(rows, new int[rows.length]);
  }

  /**
   * Returns normal clouds around one random center per class, row i of class {@code i % classes}.
   *
   * @param noise standard deviation around centers whose coordinates have standard deviation 1
   */
  static LabeledEmbeddings clouds(int n, int dimension, int classes, double noise, long seed) {
    float[][] rows = new float[n][dimension];
    int[] labels = new int[n];
    SeededRandom random = SeededRandom.of(seed);
    for (int i = 0; i < n; i++) {
      labels[i] = i % classes;
      SeededRandom center = SeededRandom.of(12, labels[i]);
      for (int j = 0; j < dimension; j++) {
        rows[i][j] = (float) (center.nextGaussian() + noise * random.nextGaussian());
      }
    }
    return of(rows, labels);
  }

  /** Returns the rows as doubles. */
  static double[][] rows(LabeledEmbeddings embeddings) {
    double[][] rows = new double[embeddings.size()][embeddings.dimension()];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows[i].length; j++) {
        rows[i][j] = embeddings.get(i, j);
      }
    }
    return rows;
  }

  /** Returns the rows scaled to length 1. */
  static double[][] unitRows(LabeledEmbeddings embeddings) {
    double[][] rows = rows(embeddings);
    for (double[] row : rows) {
      double length = Math.sqrt(dot(row, row));
      for (int j = 0; j < row.length; j++) {
        row[j] /= length;
      }
    }
    return rows;
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  static double squaredDistance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
  }
}
