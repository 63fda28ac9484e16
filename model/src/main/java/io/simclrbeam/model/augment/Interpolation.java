package io.simclrbeam.model.augment;

/** The filter of a resize, antialiased as PIL's: stretched by the scale when it shrinks. */
public enum Interpolation {
  /** A triangle that reaches one pixel to each side. */
  BILINEAR(1),
  /**
   * Keys' cubic with a = -0.5, which reaches two pixels to each side (Keys, "Cubic convolution
   * interpolation for digital image processing", 1981).
   */
  BICUBIC(2);

  private final int support;

  Interpolation(int support) {
    this.support = support;
  }

  /** Returns how many pixels the filter reaches to each side when it does not shrink. */
  int support() {
    return support;
  }

  /** Returns the weight, before normalization, of a pixel at a distance from the center. */
  double weight(double distance) {
    double x = Math.abs(distance);
    if (x >= support) {
      return 0;
    }
    if (this == BILINEAR) {
      return 1 - x;
    }
    return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2;
  }
}
