package io.simclrbeam.model.network;

import org.apache.commons.numbers.gamma.Erfc;

/**
 * What values an activation takes, for each of its channels, as far as an encoder's weights tell: a
 * BatchNorm gives its output the mean beta and the standard deviation gamma. So no image is needed,
 * and every worker finds the same (Nagel et al., arXiv 1906.04721, section 4.2 and appendix).
 *
 * @param mean of each channel
 * @param deviation standard deviation of each channel
 * @param greatest the absolute value that hardly any exceeds, of each channel
 */
record ActivationRange(double[] mean, double[] deviation, double[] greatest) {
  /** So many standard deviations from the mean lies what hardly any value exceeds. */
  private static final double REACH = 7;

  /**
   * Returns the range of a BatchNorm's output.
   *
   * @param beta its shift
   * @param gamma its scale
   */
  static ActivationRange ofNorm(float[] beta, float[] gamma) {
    int channels = beta.length;
    double[] mean = new double[channels];
    double[] deviation = new double[channels];
    double[] greatest = new double[channels];
    for (int channel = 0; channel < channels; channel++) {
      mean[channel] = beta[channel];
      deviation[channel] = Math.abs(gamma[channel]);
      greatest[channel] = Math.abs(mean[channel]) + REACH * deviation[channel];
    }
    return new ActivationRange(mean, deviation, greatest);
  }

  /** Returns the range of the sum, whose terms may well rise and fall together. */
  ActivationRange plus(ActivationRange other) {
    int channels = mean.length;
    double[] means = new double[channels];
    double[] deviations = new double[channels];
    double[] most = new double[channels];
    for (int channel = 0; channel < channels; channel++) {
      means[channel] = mean[channel] + other.mean[channel];
      deviations[channel] = deviation[channel] + other.deviation[channel];
      most[channel] = Math.abs(means[channel]) + REACH * deviations[channel];
    }
    return new ActivationRange(means, deviations, most);
  }

  /** Returns the range of max(0, x), for normally distributed x. */
  ActivationRange relu() {
    int channels = mean.length;
    double[] means = new double[channels];
    double[] deviations = new double[channels];
    double[] most = new double[channels];
    for (int channel = 0; channel < channels; channel++) {
      double m = mean[channel];
      double s = deviation[channel];
      double z = m / Math.max(s, Double.MIN_NORMAL);
      double density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
      double positive = Erfc.value(-z / Math.sqrt(2)) / 2;
      means[channel] = m * positive + s * density;
      double square = (m * m + s * s) * positive + m * s * density;
      deviations[channel] = Math.sqrt(Math.max(0, square - means[channel] * means[channel]));
      most[channel] = Math.max(0, m + REACH * s);
    }
    return new ActivationRange(means, deviations, most);
  }

  /** Returns the range of the greatest of neighbours, which are much alike. */
  ActivationRange maxPool() {
    double[] means = mean.clone();
    for (int channel = 0; channel < means.length; channel++) {
      means[channel] += deviation[channel];
    }
    return new ActivationRange(means, deviation, greatest);
  }
}
