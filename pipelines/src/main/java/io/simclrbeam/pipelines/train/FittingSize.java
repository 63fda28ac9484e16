package io.simclrbeam.pipelines.train;

import java.util.List;

/**
 * The size of views that fits a data set: about that of its images, as to enlarge them costs time
 * and shows nothing new. The sizes are those at which data sets are commonly trained: CIFAR-10 at
 * 32 pixels, Tiny ImageNet at 64, STL-10 at 96, photos at 224.
 */
public final class FittingSize {
  /** The largest. */
  public static final int LARGEST = 224;

  private FittingSize() {}

  /**
   * Returns the side of a view in pixels.
   *
   * @param side the median of the images' shorter sides
   */
  static int of(int side) {
    if (side <= 40) {
      return 32;
    }
    if (side <= 80) {
      return 64;
    }
    if (side <= 112) {
      return 96;
    }
    return side <= 160 ? 128 : LARGEST;
  }

  /**
   * Says why views have their size.
   *
   * @param following the options that follow from the size
   */
  static String describe(int side, List<String> following) {
    return "The images' shorter side is %d pixels (the median), so --imageSize is %d%s. --imageSize=N chooses another size."
        .formatted(
            side,
            of(side),
            following.isEmpty() ? "" : ", and with it " + String.join(" ", following));
  }
}
