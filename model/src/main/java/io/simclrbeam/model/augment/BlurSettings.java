package io.simclrbeam.model.augment;

import java.io.Serializable;

/**
 * How views are blurred: the parameters of torchvision's {@code GaussianBlur}.
 *
 * @param probability of a blur, 0 to 1; 0 is off
 * @param minSigma smallest standard deviation in pixels of the view, above 0
 * @param maxSigma largest standard deviation
 * @param kernelSize pixels under the Gaussian in each direction, odd
 */
public record BlurSettings(double probability, double minSigma, double maxSigma, int kernelSize)
    implements Serializable {

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public BlurSettings {
    AugmentSettings.checkProbability("a blur", probability);
    if (!(minSigma > 0 && minSigma <= maxSigma && maxSigma < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "the blur's sigma is from %s to %s, but must be 0 < minimum <= maximum"
              .formatted(minSigma, maxSigma));
    }
    if (kernelSize < 1 || kernelSize % 2 == 0) {
      throw new IllegalArgumentException(
          "the blur's kernel is %d pixels, but must be odd".formatted(kernelSize));
    }
  }

  /** Returns SimCLR's kernel size for a view: a tenth of its side, made odd. */
  public static int kernelSize(int size) {
    return size / 10 | 1;
  }

  /** Returns these settings with another {@link #probability}. */
  public BlurSettings withProbability(double other) {
    return new BlurSettings(other, minSigma, maxSigma, kernelSize);
  }
}
