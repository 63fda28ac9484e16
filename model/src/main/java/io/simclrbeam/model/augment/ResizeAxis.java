package io.simclrbeam.model.augment;

/**
 * The weights of a resize along one axis: output i is the sum over k of {@code weights[k * outputs
 * + i] * source[first[i] + k]}. PIL's {@code precompute_coeffs}, with a common number of taps and
 * whole-number weights whose sum is exact, so that a plain picture stays plain.
 */
final class ResizeAxis {
  /** The weights of an output pixel add up to {@code 1 << WIDE_BITS} if the axis is wide. */
  static final int WIDE_BITS = 30;

  private final Interpolation interpolation;
  private final int narrowBits;
  private int one;
  private double[] exact = new double[0];

  /** First source pixel of each output pixel; never decreasing, or never increasing if mirrored. */
  final int[] first;

  /**
   * Source pixels per output pixel, an even number. The last may lie one past the source; its
   * weight is 0 there.
   */
  int taps;

  int[] weights = new int[0];

  /**
   * Whether there are so many taps that weights of the usual bits would be too coarse. Each is
   * rounded by up to half a unit, and in the worst picture all these errors add up: to one level of
   * 255 at {@code 1 << (bits - 5)} taps.
   */
  boolean wide;

  /**
   * Creates an axis.
   *
   * @param outputs number of output pixels
   * @param bits the weights of an output pixel add up to {@code 1 << bits}, unless the axis is wide
   */
  ResizeAxis(int outputs, int bits, Interpolation interpolation) {
    this.interpolation = interpolation;
    this.narrowBits = bits;
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
    double shrink = 1 / stretch;
    double reach = interpolation.support() * stretch;
    int used = (int) Math.min(sourceLength, Math.ceil(2 * reach));
    taps = used + (used & 1);
    wide = taps > 1 << (narrowBits - 5);
    one = 1 << (wide ? WIDE_BITS : narrowBits);
    int outputs = first.length;
    if (exact.length < taps) {
      exact = new double[taps];
      weights = new int[taps * outputs];
    }
    if (interpolation == Interpolation.BILINEAR && scale <= 1 && used == 2) {
      setEnlarging(sourceLength, from, scale, mirror);
      return;
    }
    for (int i = 0; i < outputs; i++) {
      double center = (from + i + 0.5) * scale;
      int begin = Math.max(0, (int) (center - reach + 0.5));
      int start = Math.min(begin, sourceLength - used);
      int end = Math.min(start + used, (int) (center + reach + 0.5));
      double sum = 0;
      for (int k = 0; k < taps; k++) {
        int x = start + k;
        boolean within = x >= begin && x < end;
        exact[k] = within ? interpolation.weight((x - center + 0.5) * shrink) : 0;
        sum += exact[k];
      }
      int output = mirror ? outputs - 1 - i : i;
      first[output] = start;
      round(one / sum, output);
    }
  }

  /** The same for the two taps of a bilinear enlargement, as most views of small pictures are. */
  private void setEnlarging(int sourceLength, long from, double scale, boolean mirror) {
    int outputs = first.length;
    for (int i = 0; i < outputs; i++) {
      double center = (from + i + 0.5) * scale;
      int begin = Math.max(0, (int) (center - 1 + 0.5));
      int start = Math.min(begin, sourceLength - 2);
      int end = Math.min(start + 2, (int) (center + 1 + 0.5));
      double left = start >= begin ? 1 - Math.abs(start - center + 0.5) : 0;
      double right = start + 1 < end ? 1 - Math.abs(start + 1 - center + 0.5) : 0;
      double whole = one / (left + right);
      int rightWeight =
          right > left ? one - (int) Math.rint(left * whole) : (int) Math.rint(right * whole);
      int output = mirror ? outputs - 1 - i : i;
      first[output] = start;
      weights[output] = one - rightWeight;
      weights[outputs + output] = rightWeight;
    }
  }

  /** Returns the first source pixel in use. */
  int begin() {
    return Math.min(first[0], first[first.length - 1]);
  }

  /** Returns the last source pixel in use, plus one; plus two where a tap lies past the source. */
  int end() {
    return Math.max(first[0], first[first.length - 1]) + taps;
  }

  /** Rounds the exact weights; the largest takes up what rounding left over. */
  private void round(double scale, int output) {
    int outputs = first.length;
    int left = one;
    int largest = 0;
    for (int k = 0; k < taps; k++) {
      int weight = (int) Math.rint(exact[k] * scale);
      weights[k * outputs + output] = weight;
      left -= weight;
      if (exact[k] > exact[largest]) {
        largest = k;
      }
    }
    weights[largest * outputs + output] += left;
  }
}
