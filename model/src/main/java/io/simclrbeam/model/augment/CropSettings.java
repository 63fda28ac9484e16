package io.simclrbeam.model.augment;

import io.simclrbeam.model.settings.Problems;
import java.io.Serializable;

/**
 * Which parts of a picture views show: those of torchvision's {@code RandomResizedCrop}.
 *
 * @param minArea smallest share of the picture's area that a crop keeps, above 0
 * @param maxArea largest share, at most 1
 * @param minAspect smallest width / height of a crop, above 0
 * @param maxAspect largest width / height
 */
public record CropSettings(double minArea, double maxArea, double minAspect, double maxAspect)
    implements Serializable {

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException if any is out of its range, with all of them
   */
  public CropSettings {
    new Problems()
        .unless(
            minArea > 0 && minArea <= maxArea && maxArea <= 1,
            "the crop's area is from %s to %s, but must be 0 < minimum <= maximum <= 1",
            minArea,
            maxArea)
        .unless(
            minAspect > 0 && minAspect <= maxAspect && maxAspect < Double.POSITIVE_INFINITY,
            "the crop's aspect is from %s to %s, but must be 0 < minimum <= maximum",
            minAspect,
            maxAspect)
        .check();
  }
}
