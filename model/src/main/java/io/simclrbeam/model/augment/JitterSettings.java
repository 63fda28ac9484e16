package io.simclrbeam.model.augment;

import io.simclrbeam.model.settings.Problems;
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

  private static final String WRONG_CHANGE = "the jitter's %s is %s, but must be at least 0";

  /** The largest strength: its hue is half a turn. */
  public static final double LARGEST_STRENGTH = 2.5;

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException if any is out of its range, with all of them
   */
  public JitterSettings {
    new Problems()
        .unless(
            AugmentSettings.isShare(probability),
            "the probability of a color jitter is %s, but must be from 0 to 1",
            probability)
        .unless(isChange(brightness), WRONG_CHANGE, "brightness", brightness)
        .unless(isChange(contrast), WRONG_CHANGE, "contrast", contrast)
        .unless(isChange(saturation), WRONG_CHANGE, "saturation", saturation)
        .unless(
            hue >= 0 && hue <= 0.5, "the jitter's hue is %s, but must be from 0 to 0.5 turns", hue)
        .check();
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

  private static boolean isChange(double value) {
    return value >= 0 && value < Double.POSITIVE_INFINITY;
  }
}
