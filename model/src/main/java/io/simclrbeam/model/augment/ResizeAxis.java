package io.simclrbeam.model.augment;

import java.util.Arrays;

/**
 * The weights of a resize along one axis: output i is the sum over k of {@code weights[i * taps +
 * k] * source[first[i] + k]}. PIL's {@code precompute_coeffs}, with a common number of taps and
 * whole-number weights whose sum is exact, so that a plain picture stays plain.
 */
final class ResizeAxis {
  private final Interpolation interpolation;
  private final int one;
  private double[] exact = new double[0];

  /** First source pixel of each output pixel; never decreasing, or never increasing if mirrored. */
  final int[] first;

  /** Source pixels per output pixel. */
  int taps;

  int[] weights = new int[0];

  /**
   * Creates an axis.
   *
   * @param outputs number of output pixels
   * @param bits the weights of an output pixel add up to {@code 1 << bits}
   */
  ResizeAxis(int outputs, int bits, Interpolation interpolation) {
    this.interpolation = interpolation;
    this.one = 1 << bits;
    this.first = new int[outputs];
  }

  /**
   * Sets the weights for resizing {@code sourceLength} pixels to {@code fullLength} and keeping
   * those from {@code from} on.
   *
   * @param mirror whether the kept ones are in reverse order
   */
  void set(int sourceLength, long fullLength, long from, boolean mirror) {
    double scale = (double) sourceLength / fullLength;
    double stretch = Math.max(1, scale);
    double reach = interpolation.support() * stretch;
    taps = (int) Math.min(sourceLength, Math.ceil(2 * reach));
    int outputs = first.length;
    if (weights.length < outputs * taps) {
      weights = new int[outputs * taps];
    }
    if (exact.length < taps) {
      exact = new double[taps];
    }
    for (int i = 0; i < outputs; i++) {
      double centre = (from + i + 0.5) * scale;
      int begin = Math.max(0, (int) (centre - reach + 0.5));
      int start = Math.min(begin, sourceLength - taps);
      int end = Math.min(start + taps, (int) (centre + reach + 0.5));
      Arrays.fill(exact, 0, taps, 0);
      double sum = 0;
      for (int x = begin; x < end; x++) {
        double weight = interpolation.weight((x - centre + 0.5) / stretch);
        exact[x - start] = weight;
        sum += weight;
      }
      int output = mirror ? outputs - 1 - i : i;
      first[output] = start;
      round(one / sum, output * taps);
    }
  }

  /** Returns the largest index of a source pixel in use, plus one. */
  int end() {
    return Math.max(first[0], first[first.length - 1]) + taps;
  }

  /** Rounds the exact weights; the largest takes up what rounding left over. */
  private void round(double scale, int offset) {
    int left = one;
    int largest = 0;
    for (int k = 0; k < taps; k++) {
      int weight = (int) Math.rint(exact[k] * scale);
      weights[offset + k] = weight;
      left -= weight;
      if (exact[k] > exact[largest]) {
        largest = k;
      }
    }
    weights[offset + largest] += left;
  }
}
