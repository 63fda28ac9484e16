package io.simclrbeam.model.augment;

import io.simclrbeam.model.settings.Problems;
import java.io.Serializable;

/**
 * How random views are made: SimCLR's augmentation (Chen et al., "A Simple Framework for
 * Contrastive Learning of Visual Representations", arXiv 2002.05709, appendix A). The operations
 * follow each other in the order of the parameters.
 *
 * @param size side of the square view in pixels, 1 to {@value #LARGEST_SIZE}
 * @param crop the part of the picture that is shown
 * @param interpolation of the resize to the size
 * @param flipProbability of mirroring left and right, 0 to 1
 * @param jitter the change of colors
 * @param grayscaleProbability of losing the colors, 0 to 1
 * @param blur the Gaussian blur
 */
public record AugmentSettings(
    int size,
    CropSettings crop,
    Interpolation interpolation,
    double flipProbability,
    JitterSettings jitter,
    double grayscaleProbability,
    BlurSettings blur)
    implements Serializable {

  /** The largest side of a view in pixels. */
  public static final int LARGEST_SIZE = 4096;

  private static final String WRONG_SIZE = "the size is %d, but must be from 1 to %d pixels";

  /**
   * The largest side, in pixels, of what counts as a small image. SimCLR's settings for CIFAR-10
   * are for such images, those for ImageNet for larger ones.
   */
  public static final int SMALL_SIZE = 64;

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException if any is out of its range, with all of them
   */
  public AugmentSettings {
    new Problems()
        .unless(isSize(size), WRONG_SIZE, size, LARGEST_SIZE)
        .unless(
            isShare(flipProbability),
            "the probability of a flip is %s, but must be from 0 to 1",
            flipProbability)
        .unless(
            isShare(grayscaleProbability),
            "the probability of grayscale is %s, but must be from 0 to 1",
            grayscaleProbability)
        .unless(
            !isSize(size) || blur.kernelSize() <= largestBlurKernel(size),
            "the blur's kernel is %d pixels, but must be at most %d for views of %d pixels",
            blur.kernelSize(),
            largestBlurKernel(size),
            size)
        .check();
  }

  /**
   * Returns SimCLR's settings for a size: up to {@value #SMALL_SIZE} pixels those for CIFAR-10 (s =
   * 0.5, no blur; the paper's appendix B.9), above those for ImageNet (s = 1, blur half the time).
   */
  public static AugmentSettings simclr(int size) {
    boolean small = isSmall(size);
    return new AugmentSettings(
        size,
        new CropSettings(0.08, 1, 3.0 / 4, 4.0 / 3),
        Interpolation.BILINEAR,
        0.5,
        JitterSettings.ofStrength(0.8, jitterStrength(size)),
        0.2,
        new BlurSettings(small ? 0 : 0.5, 0.1, 2, BlurSettings.kernelSize(size)));
  }

  /** Returns SimCLR's strength of the color jitter for a size. */
  public static double jitterStrength(int size) {
    return isSmall(size) ? 0.5 : 1;
  }

  /** Returns whether images of a size are treated as those of CIFAR-10 are. */
  public static boolean isSmall(int size) {
    return size <= SMALL_SIZE;
  }

  /** Returns the bytes of one view, uint8 {@code [size, size, 3]}. */
  public int viewBytes() {
    return viewBytes(size);
  }

  /** Returns the bytes of an image of this size, uint8 {@code [size, size, 3]}. */
  public static int viewBytes(int size) {
    return 3 * size * size;
  }

  /** Returns the largest kernel of a blur: mirrored edges need that many pixels. */
  public static int largestBlurKernel(int size) {
    return 2 * size - 1;
  }

  /** Returns these settings with another {@link #crop}. */
  public AugmentSettings withCrop(CropSettings other) {
    return new AugmentSettings(
        size, other, interpolation, flipProbability, jitter, grayscaleProbability, blur);
  }

  /** Returns these settings with another {@link #interpolation}. */
  public AugmentSettings withInterpolation(Interpolation other) {
    return new AugmentSettings(
        size, crop, other, flipProbability, jitter, grayscaleProbability, blur);
  }

  /** Returns these settings with another {@link #jitter}. */
  public AugmentSettings withJitter(JitterSettings other) {
    return new AugmentSettings(
        size, crop, interpolation, flipProbability, other, grayscaleProbability, blur);
  }

  /** Returns these settings with another {@link #blur}. */
  public AugmentSettings withBlur(BlurSettings other) {
    return new AugmentSettings(
        size, crop, interpolation, flipProbability, jitter, grayscaleProbability, other);
  }

  /**
   * Checks the side of a view or of an image to encode.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  static void checkSize(int size) {
    new Problems().unless(isSize(size), WRONG_SIZE, size, LARGEST_SIZE).check();
  }

  private static boolean isSize(int size) {
    return size >= 1 && size <= LARGEST_SIZE;
  }

  static boolean isShare(double value) {
    return value >= 0 && value <= 1;
  }
}
