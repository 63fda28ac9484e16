package io.simclrbeam.model.augment;

import java.util.Arrays;

/**
 * torchvision's {@code gaussian_blur}: a sampled Gaussian over an odd number of pixels with
 * mirrored edges, as two one-dimensional passes in whole numbers. Within 1 level of torchvision.
 * Weights beyond four standard deviations, together below 1/10,000, are left out. Not thread-safe:
 * the scratch is reused.
 */
final class GaussianBlur {
  private static final int WEIGHT_BITS = 14;

  /** The same for wide kernels, for which 14 bits are too coarse. */
  private static final int WIDE_WEIGHT_BITS = 22;

  /**
   * The largest radius with {@link #WEIGHT_BITS}. Each weight is rounded by up to half a unit, and
   * the center makes up for them all: by up to half a level of 255 at this radius.
   */
  private static final int LARGEST_NARROW_RADIUS = 32;

  /** Bits of a fraction of a level that are kept between the passes. */
  private static final int KEPT_BITS = 8;

  private final int width;
  private final int height;
  private final int largestRadius;
  private final int[] weights;
  private final int[] padded;
  private final int[] toLeft;
  private final int[] toRight;
  private final int[] sums;
  private final int[][] ring;
  private long[] wideSums = new long[0];

  /**
   * Creates one for pictures of one size.
   *
   * @param kernelSize number of pixels under the Gaussian, odd; its half less than both sides
   */
  GaussianBlur(int width, int height, int kernelSize) {
    this.width = width;
    this.height = height;
    this.largestRadius = kernelSize / 2;
    int stride = width + 2 * largestRadius;
    weights = new int[largestRadius + 1];
    padded = new int[3 * stride];
    toLeft = new int[3 * stride];
    toRight = new int[3 * stride];
    sums = new int[3 * stride];
    ring = new int[kernelSize][3 * stride];
  }

  /**
   * Blurs in place.
   *
   * @param sigma standard deviation in pixels, above 0
   */
  void apply(Planes planes, double sigma) {
    int radius = (int) Math.min(largestRadius, Math.ceil(4 * sigma));
    if (radius == 0) {
      return;
    }
    boolean wide = radius > LARGEST_NARROW_RADIUS;
    int bits = wide ? WIDE_WEIGHT_BITS : WEIGHT_BITS;
    setWeights(sigma, radius, bits);
    int next = 0;
    for (int y = 0; y < height; y++) {
      for (; next <= Math.min(height - 1, y + radius); next++) {
        blurRow(planes, next, radius, bits - KEPT_BITS, ring[next % ring.length]);
      }
      if (wide) {
        blurWideColumn(y, radius);
      } else {
        blurColumn(y, radius);
      }
      int stride = width + 2 * radius;
      System.arraycopy(sums, radius, planes.red, y * width, width);
      System.arraycopy(sums, stride + radius, planes.green, y * width, width);
      System.arraycopy(sums, 2 * stride + radius, planes.blue, y * width, width);
    }
  }

  /** Sets the weights by distance, which add up to {@code 1 << bits}. */
  private void setWeights(double sigma, int radius, int bits) {
    double sum = 1;
    for (int k = 1; k <= radius; k++) {
      sum += 2 * gaussian(k / sigma);
    }
    int center = 1 << bits;
    for (int k = 1; k <= radius; k++) {
      weights[k] = (int) Math.rint(gaussian(k / sigma) / sum * (1 << bits));
      center -= 2 * weights[k];
    }
    weights[0] = center;
  }

  private static double gaussian(double x) {
    return StrictMath.exp(-0.5 * x * x);
  }

  /** Blurs a row along itself: red, green and blue one after the other, each with its margins. */
  private void blurRow(Planes planes, int y, int radius, int dropped, int[] out) {
    int stride = width + 2 * radius;
    pad(planes.red, y * width, radius, 0);
    pad(planes.green, y * width, radius, stride);
    pad(planes.blue, y * width, radius, 2 * stride);
    int length = 3 * stride;
    start(padded, weights[0], 1 << (dropped - 1), out, length);
    for (int k = 1; k <= radius; k++) {
      // The vectorizer wants one index for all arrays, and copying is cheap.
      System.arraycopy(padded, k, toLeft, 0, length - k);
      System.arraycopy(padded, 0, toRight, k, length - k);
      accumulate(toLeft, toRight, weights[k], out, length);
    }
    shift(out, dropped, length);
  }

  private void pad(int[] plane, int from, int radius, int to) {
    System.arraycopy(plane, from, padded, to + radius, width);
    for (int k = 1; k <= radius; k++) {
      padded[to + radius - k] = padded[to + radius + k];
      padded[to + radius + width - 1 + k] = padded[to + radius + width - 1 - k];
    }
  }

  private void blurColumn(int y, int radius) {
    int length = 3 * (width + 2 * radius);
    int resultShift = WEIGHT_BITS + KEPT_BITS;
    start(row(y), weights[0], 1 << (resultShift - 1), sums, length);
    for (int k = 1; k <= radius; k++) {
      accumulate(row(y - k), row(y + k), weights[k], sums, length);
    }
    shift(sums, resultShift, length);
  }

  private void blurWideColumn(int y, int radius) {
    int length = 3 * (width + 2 * radius);
    if (wideSums.length == 0) {
      wideSums = new long[sums.length];
    }
    int resultShift = WIDE_WEIGHT_BITS + KEPT_BITS;
    Arrays.fill(wideSums, 0, length, 1L << (resultShift - 1));
    for (int k = -radius; k <= radius; k++) {
      int[] row = row(y + k);
      long weight = weights[Math.abs(k)];
      for (int i = 0; i < length; i++) {
        wideSums[i] += weight * row[i];
      }
    }
    for (int i = 0; i < length; i++) {
      sums[i] = (int) (wideSums[i] >> resultShift);
    }
  }

  /** The blurred row at y, mirrored at the edges. */
  private int[] row(int y) {
    int mirrored = y < 0 ? -y : Math.min(y, 2 * (height - 1) - y);
    return ring[mirrored % ring.length];
  }

  private static void start(int[] values, int weight, int rounding, int[] out, int length) {
    for (int i = 0; i < length; i++) {
      out[i] = weight * values[i] + rounding;
    }
  }

  private static void accumulate(int[] left, int[] right, int weight, int[] out, int length) {
    for (int i = 0; i < length; i++) {
      out[i] += weight * (left[i] + right[i]);
    }
  }

  private static void shift(int[] values, int bits, int length) {
    for (int i = 0; i < length; i++) {
      values[i] >>= bits;
    }
  }
}
