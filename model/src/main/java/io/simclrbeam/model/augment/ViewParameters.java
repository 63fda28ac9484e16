package io.simclrbeam.model.augment;

import io.simclrbeam.model.random.SeededRandom;
import org.jspecify.annotations.Nullable;

/**
 * Everything random about one view, drawn before any pixel is touched.
 *
 * @param crop the part of the picture that the view shows
 * @param flip whether left and right are mirrored
 * @param jitter the change of colors, or null for none
 * @param grayscale whether the colors are lost, after the jitter
 * @param blurSigma standard deviation of the Gaussian blur in pixels of the view; 0 for none
 */
public record ViewParameters(
    CropBox crop, boolean flip, @Nullable ColorJitter jitter, boolean grayscale, double blurSigma) {

  /**
   * Draws the parameters of a view. A function of its arguments alone.
   *
   * @param width of the picture in pixels
   * @param height of the picture in pixels
   * @param random a fresh generator, keyed by seed, image, epoch and view
   */
  public static ViewParameters draw(
      AugmentSettings settings, int width, int height, SeededRandom random) {
    CropBox crop = CropBox.draw(settings.crop(), width, height, random);
    boolean flip = random.nextDouble() < settings.flipProbability();
    ColorJitter jitter =
        random.nextDouble() < settings.jitter().probability()
            ? ColorJitter.draw(settings.jitter(), random)
            : null;
    boolean grayscale = random.nextDouble() < settings.grayscaleProbability();
    BlurSettings blur = settings.blur();
    double blurSigma =
        random.nextDouble() < blur.probability()
            ? random.uniform(blur.minSigma(), blur.maxSigma())
            : 0;
    return new ViewParameters(crop, flip, jitter, grayscale, blurSigma);
  }
}
