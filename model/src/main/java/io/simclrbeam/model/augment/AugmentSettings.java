package io.simclrbeam.model.augment;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * How random views are made: SimCLR's augmentation (Chen et al., "A Simple Framework for
 * Contrastive Learning of Visual Representations", arXiv 2002.05709, appendix A).
 *
 * @param size side of the square view in pixels, 1 to 4096
 * @param minArea smallest share of the picture's area that a crop keeps, above 0
 * @param maxArea largest share, at most 1
 * @param minAspect smallest width / height of a crop, above 0
 * @param maxAspect largest width / height
 * @param flipProbability of mirroring left and right
 * @param jitterProbability of changing the colours
 * @param jitterStrength the paper's s, 0 to 2.5: brightness, contrast and saturation change by a
 *     factor from 1 - 0.8 s (at least 0) to 1 + 0.8 s, hue by up to 0.2 s turns either way
 * @param grayscaleProbability of losing the colours
 * @param blurProbability of a Gaussian blur; 0 is off
 * @param minBlurSigma smallest standard deviation of the blur in pixels of the view, above 0
 * @param maxBlurSigma largest standard deviation
 * @param interpolation of the resize
 */
public record AugmentSettings(
    int size,
    double minArea,
    double maxArea,
    double minAspect,
    double maxAspect,
    double flipProbability,
    double jitterProbability,
    double jitterStrength,
    double grayscaleProbability,
    double blurProbability,
    double minBlurSigma,
    double maxBlurSigma,
    Interpolation interpolation)
    implements Serializable {

  private static final int LARGEST_SIZE = 4096;
  private static final int LARGEST_SMALL_SIZE = 64;
  private static final double LARGEST_STRENGTH = 2.5;

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException if any is out of its range; the message lists them all
   */
  public AugmentSettings {
    List<String> problems = new ArrayList<>();
    if (size < 1 || size > LARGEST_SIZE) {
      problems.add("size is " + size + ", but must be from 1 to " + LARGEST_SIZE + " pixels");
    }
    if (!(minArea > 0 && minArea <= maxArea && maxArea <= 1)) {
      problems.add(
          "the crop's area is from %s to %s, but must be 0 < minimum <= maximum <= 1"
              .formatted(minArea, maxArea));
    }
    checkRange("the crop's aspect", minAspect, maxAspect, problems);
    checkProbability("flipProbability", flipProbability, problems);
    checkProbability("jitterProbability", jitterProbability, problems);
    if (!(jitterStrength >= 0 && jitterStrength <= LARGEST_STRENGTH)) {
      problems.add(
          "jitterStrength is %s, but must be from 0 to %s (hue turns by up to 0.2 of it, half a turn at most)"
              .formatted(jitterStrength, LARGEST_STRENGTH));
    }
    checkProbability("grayscaleProbability", grayscaleProbability, problems);
    checkProbability("blurProbability", blurProbability, problems);
    checkRange("the blur's sigma", minBlurSigma, maxBlurSigma, problems);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("augmentation: " + String.join("; ", problems));
    }
  }

  /**
   * Returns SimCLR's settings for a size: above 64 pixels those for ImageNet (s = 1, blur half the
   * time), else those for CIFAR-10 (s = 0.5, no blur; the paper's appendix B.9).
   */
  public static AugmentSettings simclr(int size) {
    boolean small = size <= LARGEST_SMALL_SIZE;
    return new AugmentSettings(
        size,
        0.08,
        1,
        3.0 / 4,
        4.0 / 3,
        0.5,
        0.8,
        small ? 0.5 : 1,
        0.2,
        small ? 0 : 0.5,
        0.1,
        2,
        Interpolation.BILINEAR);
  }

  /** Returns these settings with another {@link #jitterStrength}. */
  public AugmentSettings withJitterStrength(double strength) {
    return new AugmentSettings(
        size,
        minArea,
        maxArea,
        minAspect,
        maxAspect,
        flipProbability,
        jitterProbability,
        strength,
        grayscaleProbability,
        blurProbability,
        minBlurSigma,
        maxBlurSigma,
        interpolation);
  }

  /** Returns these settings with another {@link #blurProbability}. */
  public AugmentSettings withBlurProbability(double probability) {
    return new AugmentSettings(
        size,
        minArea,
        maxArea,
        minAspect,
        maxAspect,
        flipProbability,
        jitterProbability,
        jitterStrength,
        grayscaleProbability,
        probability,
        minBlurSigma,
        maxBlurSigma,
        interpolation);
  }

  /** Returns these settings with another {@link #interpolation}. */
  public AugmentSettings withInterpolation(Interpolation other) {
    return new AugmentSettings(
        size,
        minArea,
        maxArea,
        minAspect,
        maxAspect,
        flipProbability,
        jitterProbability,
        jitterStrength,
        grayscaleProbability,
        blurProbability,
        minBlurSigma,
        maxBlurSigma,
        other);
  }

  private static void checkProbability(String name, double value, List<String> problems) {
    if (!(value >= 0 && value <= 1)) {
      problems.add(name + " is " + value + ", but must be from 0 to 1");
    }
  }

  private static void checkRange(String name, double low, double high, List<String> problems) {
    if (!(low > 0 && low <= high && high < Double.POSITIVE_INFINITY)) {
      problems.add(
          name + " is from " + low + " to " + high + ", but must be 0 < minimum <= maximum");
    }
  }
}
