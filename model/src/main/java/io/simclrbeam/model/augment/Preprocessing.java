package io.simclrbeam.model.augment;

import java.util.List;

/**
 * What is done to a picture before it is encoded, in the terms of torchvision: {@code
 * Resize(resize, interpolation, antialias=True)}, then {@code CenterCrop(crop)}.
 *
 * @param resize height and width in pixels, or the shorter side alone
 * @param crop side of the square that is cut out of the center
 * @param interpolation of the resize
 */
public record Preprocessing(List<Integer> resize, int crop, Interpolation interpolation) {
  /**
   * Returns what {@link InferenceTransform} does: up to {@value AugmentSettings#SMALL_SIZE} pixels
   * it keeps the whole picture, and above it cuts off an eighth of the shorter side.
   *
   * @param size side of the view in pixels
   */
  public static Preprocessing of(int size, Interpolation interpolation) {
    List<Integer> resize =
        AugmentSettings.isSmall(size)
            ? List.of(size, size)
            : List.of((int) Math.round(size * 8 / 7.0));
    return new Preprocessing(resize, size, interpolation);
  }

  /** Returns the size in pixels, height and width, to which a picture is resized. */
  List<Long> resized(long height, long width) {
    if (resize.size() == 2) {
      return List.of((long) resize.get(0), (long) resize.get(1));
    }
    long shorter = resize.get(0);
    return width <= height
        ? List.of(shorter * height / width, shorter)
        : List.of(shorter, shorter * width / height);
  }
}
