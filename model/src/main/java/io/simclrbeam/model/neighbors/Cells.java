package io.simclrbeam.model.neighbors;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;

/**
 * A division of all directions into cells, one around each centroid. The home of a vector is the
 * cell of the centroid that it is most similar to.
 *
 * <p>A vector also visits further cells, so that pairs with a border between them are found. Let x
 * have its home in cell j and y in cell i, with an angle of at most a between them, a = acos(t) for
 * a threshold t of similarity. With v = c_i - c_j, x v &lt;= 0, as x is not more similar to c_i
 * than to c_j. So the angle of x over the plane across v is not above 0, that of y at most a, and
 *
 * <pre>y c_i - y c_j &lt;= |c_i - c_j| sin(a).</pre>
 *
 * <p>A y for which this does not hold for cell j has no partner there. The bound cannot be improved
 * for two cells: y is within a of the border exactly if it holds. (The triangle inequality of
 * angles alone gives angle(y, c_j) &lt;= angle(y, c_i) + 2 a, which lets far more cells in.) The
 * same holds for x and cell i, so one of the two visits is enough to make x and y meet. The numbers
 * of the cells decide which one. So each pair meets in exactly one cell, and at least one of the
 * two is at home there.
 */
public final class Cells {
  private final List<float[]> centroids;
  private final UnitColumns columns;

  /** Row i holds |c_i - c_j| for all j; null until it is needed. */
  private final AtomicReferenceArray<float[]> distances;

  private Cells(List<float[]> centroids, UnitColumns columns) {
    this.centroids = centroids;
    this.columns = columns;
    distances = new AtomicReferenceArray<>(centroids.size());
  }

  /**
   * Where a vector is to be compared.
   *
   * @param home its own cell
   * @param visits further cells, the ones with the nearest border first
   */
  public record Assignment(int home, List<Integer> visits) {}

  /**
   * Makes cells around centroids.
   *
   * @param centroids at least one float32 {@code [d]} with a direction; their norms do not matter
   */
  public static Cells around(List<float[]> centroids) {
    List<float[]> units = new ArrayList<>();
    for (float[] centroid : centroids) {
      float[] unit = new float[centroid.length];
      Cosine.scale(centroid, unit);
      units.add(unit);
    }
    return of(units);
  }

  /** Returns the cells that had these {@link #centroids()}, equal to the last bit. */
  public static Cells of(List<float[]> centroids) {
    UnitColumns columns = new UnitColumns(centroids.get(0).length);
    centroids.forEach(columns::addUnit);
    return new Cells(List.copyOf(centroids), columns);
  }

  /** Returns the centroids, float32 {@code [d]} of norm 1, not to be changed. */
  public List<float[]> centroids() {
    return centroids;
  }

  /** Returns the number of cells. */
  public int size() {
    return centroids.size();
  }

  /** Returns the number d of dimensions. */
  public int dimension() {
    return centroids.get(0).length;
  }

  /** Returns the home of each vector, float32 {@code [d]}. */
  public int[] homes(List<float[]> vectors) {
    int[] homes = new int[vectors.size()];
    IntStream.range(0, homes.length).parallel().forEach(i -> homes[i] = home(vectors.get(i)));
    return homes;
  }

  /** Returns the home of a vector; of equally similar centroids the first. */
  int home(float[] vector) {
    return nearest(similarities(vector));
  }

  /**
   * Returns the cells in which a vector meets every vector that is similar to it.
   *
   * @param vector float32 {@code [d]} with a direction
   * @param threshold least similarity of a pair, above 0 and at most 1
   */
  public Assignment assign(float[] vector, double threshold) {
    float[] similarities = similarities(vector);
    int home = nearest(similarities);
    double sine = Math.sqrt(Math.max(0, 1 - threshold * threshold));
    // The home and the side of the border are known only up to rounding.
    double slack = 4 * Cosine.floatError(dimension());
    record Visit(int cell, double border) {}
    List<Visit> visits = new ArrayList<>();
    for (int cell = 0; cell < similarities.length; cell++) {
      float beyond = similarities[home] - similarities[cell];
      if (cell != home && visits(home, cell) && beyond <= 2 * sine + slack) {
        float distance = distances(home)[cell];
        if (beyond <= distance * sine + slack) {
          visits.add(new Visit(cell, beyond / Math.max(distance, Float.MIN_NORMAL)));
        }
      }
    }
    visits.sort(Comparator.comparingDouble(Visit::border).thenComparing(Visit::cell));
    return new Assignment(home, visits.stream().map(Visit::cell).toList());
  }

  /**
   * Of two cells, exactly one is visited from the other. Each is visited from about half of all.
   */
  private static boolean visits(int home, int cell) {
    return ((home ^ cell) & 1) == 0 ? cell < home : cell > home;
  }

  private float[] similarities(float[] vector) {
    float[] unit = new float[dimension()];
    Cosine.scale(vector, unit);
    float[] all = new float[size()];
    float[] products = new float[UnitColumns.WIDTH];
    for (int block = 0; block < columns.blocks(); block++) {
      columns.multiply(unit, block, products);
      System.arraycopy(products, 0, all, block * UnitColumns.WIDTH, columns.width(block));
    }
    return all;
  }

  private static int nearest(float[] similarities) {
    int nearest = 0;
    for (int cell = 1; cell < similarities.length; cell++) {
      if (similarities[cell] > similarities[nearest]) {
        nearest = cell;
      }
    }
    return nearest;
  }

  private float[] distances(int cell) {
    float[] row = distances.get(cell);
    if (row == null) {
      row = new float[size()];
      for (int other = 0; other < row.length; other++) {
        row[other] = distance(centroids.get(cell), centroids.get(other));
      }
      distances.set(cell, row);
    }
    return row;
  }

  private static float distance(float[] a, float[] b) {
    double squares = 0;
    for (int k = 0; k < a.length; k++) {
      double difference = (double) a[k] - b[k];
      squares += difference * difference;
    }
    return (float) Math.sqrt(squares);
  }
}
