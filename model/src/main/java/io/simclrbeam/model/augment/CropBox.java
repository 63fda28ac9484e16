package io.simclrbeam.model.augment;

import io.simclrbeam.model.random.SeededRandom;

/**
 * A part of a picture, in pixels from its left and top.
 *
 * @param left first column
 * @param top first row
 * @param width number of columns, at least 1
 * @param height number of rows, at least 1
 */
public record CropBox(int left, int top, int width, int height) {
  private static final int TRIES = 10;

  /**
   * Draws a crop as torchvision's {@code RandomResizedCrop.get_params}: a uniform share of the area
   * and a log-uniform aspect. After ten draws that do not fit, it is the largest centered crop
   * within the range of aspects.
   *
   * @param width of the picture in pixels
   * @param height of the picture in pixels
   */
  static CropBox draw(CropSettings settings, int width, int height, SeededRandom random) {
    double area = (double) width * height;
    double minLogAspect = StrictMath.log(settings.minAspect());
    double maxLogAspect = StrictMath.log(settings.maxAspect());
    for (int i = 0; i < TRIES; i++) {
      double target = area * random.uniform(settings.minArea(), settings.maxArea());
      double aspect = StrictMath.exp(random.uniform(minLogAspect, maxLogAspect));
      double cropWidth = Math.rint(StrictMath.sqrt(target * aspect));
      double cropHeight = Math.rint(StrictMath.sqrt(target / aspect));
      if (cropWidth >= 1 && cropWidth <= width && cropHeight >= 1 && cropHeight <= height) {
        int top = random.nextInt(height - (int) cropHeight + 1);
        int left = random.nextInt(width - (int) cropWidth + 1);
        return new CropBox(left, top, (int) cropWidth, (int) cropHeight);
      }
    }
    return centered(settings, width, height);
  }

  private static CropBox centered(CropSettings settings, int width, int height) {
    double aspect = (double) width / height;
    int cropWidth = width;
    int cropHeight = height;
    if (aspect < settings.minAspect()) {
      cropHeight = Math.max(1, (int) Math.rint(width / settings.minAspect()));
    } else if (aspect > settings.maxAspect()) {
      cropWidth = Math.max(1, (int) Math.rint(height * settings.maxAspect()));
    }
    return new CropBox((width - cropWidth) / 2, (height - cropHeight) / 2, cropWidth, cropHeight);
  }
}
