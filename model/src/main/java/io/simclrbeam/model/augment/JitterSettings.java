package io.simclrbeam.model.augment;

import java.io.Serializable;

/**
 * How much the colors of views change: the parameters of torchvision's {@code ColorJitter}.
 *
 * @param probability of changing the colors, 0 to 1
 * @param brightness the factor is from 1 - brightness (at least 0) to 1 + brightness; at least 0
 * @param contrast likewise
 * @param saturation likewise
 * @param hue the shift is up to this many turns either way, 0 to 0.5
 */
public record JitterSettings(
    double probability, double brightness, double contrast, double saturation, double hue)
    implements Serializable {

  /** The largest strength: its hue is half a turn. */
  public static final double LARGEST_STRENGTH = 2.5;

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public JitterSettings {
    AugmentSettings.checkProbability("a color jitter", probability);
    checkAtLeastZero("brightness", brightness);
    checkAtLeastZero("contrast", contrast);
    checkAtLeastZero("saturation", saturation);
    if (!(hue >= 0 && hue <= 0.5)) {
      throw new IllegalArgumentException(
          "the jitter's hue is %s, but must be from 0 to 0.5 turns".formatted(hue));
    }
  }

  /**
   * Returns SimCLR's settings (the paper's appendix A).
   *
   * @param strength the paper's s, 0 to {@value #LARGEST_STRENGTH}
   */
  public static JitterSettings ofStrength(double probability, double strength) {
    double factors = 0.8 * strength;
    return new JitterSettings(probability, factors, factors, factors, 0.2 * strength);
  }

  private static void checkAtLeastZero(String name, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "the jitter's %s is %s, but must be at least 0".formatted(name, value));
    }
  }
}
