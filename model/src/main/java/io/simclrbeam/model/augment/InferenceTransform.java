package io.simclrbeam.model.augment;

import io.simclrbeam.model.image.RgbImage;
import java.util.List;
import java.util.Objects;

/**
 * The one fixed view that is embedded, by {@link Preprocessing}: up to {@value
 * AugmentSettings#SMALL_SIZE} pixels, the whole picture is resized to the square. Above, the
 * shorter side is resized to 8/7 of the size (256 for 224) and the center is cut out. Not
 * thread-safe, as it reuses its scratch: use one per thread.
 */
public final class InferenceTransform {
  private final int size;
  private final Preprocessing preprocessing;
  private final Planes planes;
  private final Resampler resampler;

  /**
   * Creates one.
   *
   * @param size side of the view in pixels, 1 to {@value AugmentSettings#LARGEST_SIZE}
   * @param interpolation of the resize
   * @throws IllegalArgumentException if the size is out of range
   */
  public InferenceTransform(int size, Interpolation interpolation) {
    AugmentSettings.checkSize(size);
    this.size = size;
    planes = new Planes(size, size);
    preprocessing = Preprocessing.of(size, interpolation);
    resampler = new Resampler(size, size, interpolation);
  }

  /**
   * Writes the view as uint8 RGB {@code [size, size, 3]}, {@link AugmentSettings#viewBytes(int)}
   * bytes.
   *
   * @param out receives the view
   * @param offset of the view's first byte in {@code out}
   * @throws IndexOutOfBoundsException if the view does not fit
   */
  public void apply(RgbImage image, byte[] out, int offset) {
    Objects.checkFromIndexSize(offset, AugmentSettings.viewBytes(size), out.length);
    List<Long> resized = preprocessing.resized(image.height(), image.width());
    resampler.resizeCenter(image, resized.get(1), resized.get(0), planes);
    planes.write(out, offset);
  }
}
