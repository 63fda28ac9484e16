package io.simclrbeam.model.evaluate;

import io.simclrbeam.model.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Count, sum and products of embeddings {@code [n, D]}. They are all that the statistics of the
 * distribution need, and their size does not depend on n. Moments of different embeddings are
 * merged slice by slice ({@link MomentsPart}).
 */
public final class Moments {
  /**
   * The largest D whose products are kept. The time for the products grows with the square of D,
   * and that for their eigenvalues with its cube.
   */
  public static final int MAX_DIMENSIONS = 2048;

  /**
   * Before the sum come the count, the count of those not finite, and the sums of norms and of
   * their squares.
   */
  private static final int HEAD = 4;

  private final int dimension;
  private final double[] sum;

  /** The upper triangle of the sum of v v^T, row after row; empty if D is too large. */
  private final double[] products;

  private long count;
  private long notFinite;
  private double normSum;
  private double squareSum;
  private double minNorm = Double.POSITIVE_INFINITY;
  private double maxNorm = Double.NEGATIVE_INFINITY;

  /**
   * Creates the moments of no embeddings.
   *
   * @param dimension D
   */
  public Moments(int dimension) {
    this.dimension = dimension;
    this.sum = new double[dimension];
    this.products = new double[dimension > MAX_DIMENSIONS ? 0 : dimension * (dimension + 1) / 2];
  }

  /**
   * Adds an embedding. One with a number that is infinite or NaN is only counted.
   *
   * @param vector float32 {@code [D]}
   * @throws IllegalArgumentException if it has another dimension
   */
  public void add(float[] vector) {
    if (vector.length != dimension) {
      throw new IllegalArgumentException(
          "an embedding of %d numbers among those of %d".formatted(vector.length, dimension));
    }
    double[] v = new double[dimension];
    double squares = 0;
    for (int i = 0; i < dimension; i++) {
      v[i] = vector[i];
      squares += v[i] * v[i];
    }
    if (!Double.isFinite(squares)) {
      notFinite++;
      return;
    }
    count++;
    double norm = Math.sqrt(squares);
    normSum += norm;
    squareSum += squares;
    minNorm = Math.min(minNorm, norm);
    maxNorm = Math.max(maxNorm, norm);
    for (int i = 0; i < dimension; i++) {
      sum[i] += v[i];
    }
    if (hasProducts()) {
      int row = 0;
      for (int i = 0; i < dimension; i++) {
        addScaled(v, i, v[i], row);
        row += dimension - i - 1;
      }
    }
  }

  /** Adds scale * v[j] for j from i on to the products of row i: a loop that is vectorized. */
  private void addScaled(double[] v, int i, double scale, int row) {
    for (int j = i; j < v.length; j++) {
      products[row + j] += scale * v[j];
    }
  }

  /** Returns all of this in slices that {@link #merge} takes. */
  public List<MomentsPart> parts() {
    List<MomentsPart> parts = new ArrayList<>();
    double[] head = new double[HEAD + dimension];
    head[0] = count;
    head[1] = notFinite;
    head[2] = normSum;
    head[3] = squareSum;
    System.arraycopy(sum, 0, head, HEAD, dimension);
    parts.add(new MomentsPart(0, head, minNorm, maxNorm));
    for (int from = 0; from < products.length; from += MomentsPart.MAX_SUMS) {
      int to = Math.min(from + MomentsPart.MAX_SUMS, products.length);
      double[] slice = Arrays.copyOfRange(products, from, to);
      parts.add(new MomentsPart(parts.size(), slice, minNorm, maxNorm));
    }
    return parts;
  }

  /**
   * Adds what a slice has counted.
   *
   * @param part of embeddings of the same dimension
   */
  public void merge(MomentsPart part) {
    double[] sums = part.sums;
    minNorm = Math.min(minNorm, part.minNorm);
    maxNorm = Math.max(maxNorm, part.maxNorm);
    if (part.index() == 0) {
      if (sums.length != HEAD + dimension) {
        throw new IllegalArgumentException(
            "embeddings of %d numbers among those of %d".formatted(sums.length - HEAD, dimension));
      }
      count += (long) sums[0];
      notFinite += (long) sums[1];
      normSum += sums[2];
      squareSum += sums[3];
      for (int i = 0; i < dimension; i++) {
        sum[i] += sums[HEAD + i];
      }
    } else {
      int from = (part.index() - 1) * MomentsPart.MAX_SUMS;
      for (int i = 0; i < sums.length; i++) {
        products[from + i] += sums[i];
      }
    }
  }

  /** Returns whether D is at most {@link #MAX_DIMENSIONS}, which RankMe and the distance need. */
  public boolean hasProducts() {
    return dimension <= MAX_DIMENSIONS;
  }

  /** Returns D. */
  public int dimension() {
    return dimension;
  }

  /** Returns the number of embeddings whose numbers are all finite. */
  public long count() {
    return count;
  }

  /** Returns the number of the others. */
  public long notFinite() {
    return notFinite;
  }

  /** Returns the mean norm of the embeddings; 0 if there is none. */
  public double meanNorm() {
    return count == 0 ? 0 : normSum / count;
  }

  /** Returns the smallest norm of an embedding; 0 if there is none. */
  public double minNorm() {
    return count == 0 ? 0 : minNorm;
  }

  /** Returns the largest norm of an embedding; 0 if there is none. */
  public double maxNorm() {
    return count == 0 ? 0 : maxNorm;
  }

  /** Returns the std of the norms; 0 if there is no embedding. */
  public double normStd() {
    return count == 0 ? 0 : Math.sqrt(Math.max(0, squareSum / count - meanNorm() * meanNorm()));
  }

  /** Returns the mean embedding, {@code [D]}; zeros if there is none. */
  public double[] mean() {
    return Arrays.stream(sum).map(value -> count == 0 ? 0 : value / count).toArray();
  }

  /** Returns the sum of the variances of the dimensions. */
  public double totalVariance() {
    double squaredMean = Arrays.stream(mean()).map(value -> value * value).sum();
    return count == 0 ? 0 : Math.max(0, squareSum / count - squaredMean);
  }

  /**
   * Returns {@link RankMe} of the embeddings; 0 if there is none.
   *
   * @throws IllegalStateException unless {@link #hasProducts}
   */
  public double rankMe() {
    DMatrixRMaj products = productMatrix();
    // Computing the eigenvalues of nothing takes as long as those of something.
    return count == 0 ? 0 : RankMe.ofEigenvalues(SymmetricMatrix.eigenvalues(products));
  }

  /**
   * Returns the squared Fréchet distance between two distributions, taken as normal: {@code |m1 -
   * m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2))} (Dowson and Landau, "The Fréchet distance between
   * multivariate normal distributions", 1982; on embeddings of images by Heusel et al., arXiv
   * 1706.08500, equation 6). 0 for equal ones; grows with the square of the embeddings' scale.
   *
   * @throws IllegalStateException unless {@link #hasProducts}
   */
  public double squaredFrechetDistance(Moments other) {
    double[] mean = mean();
    double[] otherMean = other.mean();
    double distance = 0;
    for (int i = 0; i < dimension; i++) {
      distance += (mean[i] - otherMean[i]) * (mean[i] - otherMean[i]);
    }
    DMatrixRMaj covariance = covariance();
    DMatrixRMaj otherCovariance = other.covariance();
    // C1 C2 has the eigenvalues of the symmetric C1^(1/2) C2 C1^(1/2).
    DMatrixRMaj root = SymmetricMatrix.squareRoot(covariance);
    DMatrixRMaj half = new DMatrixRMaj(dimension, dimension);
    DMatrixRMaj product = new DMatrixRMaj(dimension, dimension);
    CommonOps_DDRM.mult(root, otherCovariance, half);
    CommonOps_DDRM.mult(half, root, product);
    double traceOfRoot =
        Arrays.stream(SymmetricMatrix.eigenvalues(product))
            .map(value -> Math.sqrt(Math.max(0, value)))
            .sum();
    distance +=
        CommonOps_DDRM.trace(covariance) + CommonOps_DDRM.trace(otherCovariance) - 2 * traceOfRoot;
    return Math.max(0, distance);
  }

  /**
   * Returns what {@link #squaredFrechetDistance} would be on average if the embeddings of both were
   * samples of one normal distribution. What a distance is beyond this is a change.
   *
   * @param other of at least 1 embedding, as this is
   * @throws IllegalStateException unless {@link #hasProducts}
   */
  public double expectedSquaredFrechetDistance(Moments other) {
    long freedom = count + other.count - 2;
    if (freedom < 1) {
      return 0;
    }
    DMatrixRMaj pooled = new DMatrixRMaj(dimension, dimension);
    CommonOps_DDRM.add(
        (double) count / freedom,
        covariance(),
        (double) other.count / freedom,
        other.covariance(),
        pooled);
    return FrechetNoise.expected(SymmetricMatrix.eigenvalues(pooled), count, other.count);
  }

  private DMatrixRMaj covariance() {
    DMatrixRMaj covariance = productMatrix();
    if (count > 0) {
      double[] mean = mean();
      for (int i = 0; i < dimension; i++) {
        for (int j = 0; j < dimension; j++) {
          covariance.set(i, j, covariance.get(i, j) / count - mean[i] * mean[j]);
        }
      }
    }
    return covariance;
  }

  private DMatrixRMaj productMatrix() {
    if (!hasProducts()) {
      throw new IllegalStateException(
          "embeddings of %d numbers are more than %d".formatted(dimension, MAX_DIMENSIONS));
    }
    DMatrixRMaj matrix = new DMatrixRMaj(dimension, dimension);
    int row = 0;
    for (int i = 0; i < dimension; i++) {
      for (int j = i; j < dimension; j++) {
        matrix.set(i, j, products[row + j]);
        matrix.set(j, i, products[row + j]);
      }
      row += dimension - i - 1;
    }
    return matrix;
  }

  /** Returns all of this as tensors, which {@link #of} reads. */
  public Map<String, Tensor> toTensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("sum", Tensor.of(List.of((long) dimension), sum));
    tensors.put("products", Tensor.of(List.of((long) products.length), products));
    tensors.put("count", Tensor.scalar(count));
    tensors.put("not_finite", Tensor.scalar(notFinite));
    tensors.put("norms", Tensor.of(List.of(4L), normSum, squareSum, minNorm, maxNorm));
    return tensors;
  }

  /**
   * Returns what {@link #toTensors} was called on.
   *
   * @throws IllegalArgumentException if the tensors are not those of moments
   */
  public static Moments of(Map<String, Tensor> tensors) {
    Moments moments = new Moments((int) tensor(tensors, "sum").elements());
    tensor(tensors, "sum").data().asDoubleBuffer().get(moments.sum);
    tensor(tensors, "products").data().asDoubleBuffer().get(moments.products);
    moments.count = tensor(tensors, "count").data().getLong();
    moments.notFinite = tensor(tensors, "not_finite").data().getLong();
    double[] norms = new double[4];
    tensor(tensors, "norms").data().asDoubleBuffer().get(norms);
    moments.normSum = norms[0];
    moments.squareSum = norms[1];
    moments.minNorm = norms[2];
    moments.maxNorm = norms[3];
    return moments;
  }

  private static Tensor tensor(Map<String, Tensor> tensors, String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("there is no tensor " + name);
    }
    return tensor;
  }
}
