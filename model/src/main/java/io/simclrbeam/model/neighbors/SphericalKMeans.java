package io.simclrbeam.model.neighbors;

import java.util.ArrayList;
import java.util.List;

/**
 * Spherical k-means (Dhillon and Modha, "Concept decompositions for large sparse text data using
 * clustering", 2001): Lloyd's iterations by cosine similarity. The result is a function of the
 * vectors and their order alone.
 */
public final class SphericalKMeans {
  private SphericalKMeans() {}

  /**
   * Learns cells.
   *
   * @param sample float32 {@code [d]} vectors with a direction, in a random order; the first are
   *     the first centroids
   * @param cells wanted; there are no more than vectors
   * @param iterations after which the centroids are good enough
   */
  public static Cells learn(List<float[]> sample, int cells, int iterations) {
    Cells learned = Cells.around(sample.subList(0, Math.min(cells, sample.size())));
    for (int i = 0; i < iterations && learned.size() > 1; i++) {
      learned = improve(learned, sample);
    }
    return learned;
  }

  private static Cells improve(Cells cells, List<float[]> sample) {
    int[] homes = cells.homes(sample);
    double[][] sums = new double[cells.size()][cells.dimension()];
    float[] unit = new float[cells.dimension()];
    for (int i = 0; i < homes.length; i++) {
      Cosine.scale(sample.get(i), unit);
      double[] sum = sums[homes[i]];
      for (int k = 0; k < unit.length; k++) {
        sum[k] += unit[k];
      }
    }
    List<float[]> centroids = new ArrayList<>();
    for (int cell = 0; cell < sums.length; cell++) {
      float[] mean = toFloat(sums[cell]);
      // A cell without vectors has no mean, and neither has one whose vectors cancel out.
      centroids.add(Cosine.hasDirection(mean) ? mean : cells.centroids().get(cell));
    }
    return Cells.around(centroids);
  }

  private static float[] toFloat(double[] numbers) {
    float[] rounded = new float[numbers.length];
    for (int k = 0; k < rounded.length; k++) {
      rounded[k] = (float) numbers[k];
    }
    return rounded;
  }
}
