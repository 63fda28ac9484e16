package io.simclrbeam.model.augment;

import io.simclrbeam.model.settings.Problems;
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
   * @throws IllegalArgumentException if any is out of its range, with all of them
   */
  public BlurSettings {
    new Problems()
        .unless(
            AugmentSettings.isShare(probability),
            "the probability of a blur is %s, but must be from 0 to 1",
            probability)
        .unless(
            minSigma > 0 && minSigma <= maxSigma && maxSigma < Double.POSITIVE_INFINITY,
            "the blur's sigma is from %s to %s, but must be 0 < minimum <= maximum",
            minSigma,
            maxSigma)
        .unless(
            kernelSize >= 1 && kernelSize % 2 == 1,
            "the blur's kernel is %d pixels, but must be odd",
            kernelSize)
        .check();
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
