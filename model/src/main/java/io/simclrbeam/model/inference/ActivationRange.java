package io.simclrbeam.model.inference;

import org.apache.commons.numbers.gamma.Erfc;

/**
 * What values a channel of an activation takes, as far as an encoder's weights tell: a BatchNorm
 * gives its output the mean beta and the standard deviation gamma. So no image is needed, and every
 * worker finds the same (Nagel et al., arXiv 1906.04721, section 4.2 and appendix).
 *
 * @param mean of the values
 * @param std standard deviation of the values
 * @param max the absolute value that hardly any exceeds
 */
record ActivationRange(double mean, double std, double max) {
  /** So many standard deviations from the mean lies what hardly any value exceeds. */
  private static final double REACH = 7;

  private static ActivationRange around(double mean, double std) {
    return new ActivationRange(mean, std, Math.abs(mean) + REACH * std);
  }

  /**
   * Returns the range of a BatchNorm's output.
   *
   * @param beta its shift
   * @param gamma its scale
   */
  static ActivationRange ofNorm(float beta, float gamma) {
    return around(beta, Math.abs(gamma));
  }

  /** Returns the range of the sum, whose terms may well rise and fall together. */
  ActivationRange plus(ActivationRange other) {
    return around(mean + other.mean, std + other.std);
  }

  /** Returns the range of max(0, x), for normally distributed x. */
  ActivationRange relu() {
    double z = mean / Math.max(std, Double.MIN_NORMAL);
    double density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
    double positive = Erfc.value(-z / Math.sqrt(2)) / 2;
    double first = mean * positive + std * density;
    double second = (mean * mean + std * std) * positive + mean * std * density;
    return new ActivationRange(
        first, Math.sqrt(Math.max(0, second - first * first)), Math.max(0, mean + REACH * std));
  }

  /** Returns the range of the maximum of neighbors, which are much alike. */
  ActivationRange maxPool() {
    return new ActivationRange(mean + std, std, max);
  }
}
