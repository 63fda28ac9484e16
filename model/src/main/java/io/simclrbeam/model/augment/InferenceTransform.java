package io.simclrbeam.model.augment;

import io.simclrbeam.model.image.RgbImage;
import java.util.Objects;

/**
 * The one fixed view that is embedded. Above 64 pixels: the shorter side is resized to 8/7 of the
 * size (256 for 224) and the center is cut out, torchvision's {@code Resize} and {@code
 * CenterCrop}. At 64 pixels and below: the whole picture is resized to the square. Not thread-safe,
 * as it reuses its scratch: use one per thread.
 */
public final class InferenceTransform {
  private static final int LARGEST_SMALL_SIZE = 64;

  private final int size;
  private final Planes planes;
  private final Resampler resampler;

  /**
   * Creates one.
   *
   * @param size side of the view in pixels, 1 to 4096
   * @param interpolation of the resize
   * @throws IllegalArgumentException if the size is out of range
   */
  public InferenceTransform(int size, Interpolation interpolation) {
    if (size < 1 || size > 4096) {
      throw new IllegalArgumentException("size is " + size + ", but must be from 1 to 4096 pixels");
    }
    this.size = size;
    planes = new Planes(size, size);
    resampler = new Resampler(size, size, interpolation);
  }

  /**
   * Writes the view as uint8 RGB {@code [size, size, 3]}, that is {@code 3 * size * size} bytes.
   *
   * @param out receives the view
   * @param offset of the view's first byte in {@code out}
   * @throws IndexOutOfBoundsException if the view does not fit
   */
  public void apply(RgbImage image, byte[] out, int offset) {
    Objects.checkFromIndexSize(offset, 3 * size * size, out.length);
    if (size <= LARGEST_SMALL_SIZE) {
      resampler.resizeCenter(image, size, size, planes);
    } else {
      long shorter = Math.round(size * 8 / 7.0);
      long width = image.width();
      long height = image.height();
      if (width <= height) {
        resampler.resizeCenter(image, shorter, shorter * height / width, planes);
      } else {
        resampler.resizeCenter(image, shorter * width / height, shorter, planes);
      }
    }
    planes.write(out, offset);
  }
}
