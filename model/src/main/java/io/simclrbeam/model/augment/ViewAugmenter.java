package io.simclrbeam.model.augment;

import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.random.Purpose;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.random.SeededRandom;
import java.util.Objects;

/**
 * Makes random views of pictures. A view is a function of the settings, the picture and (seed,
 * image, epoch, view), the same on every machine. Not thread-safe, as it reuses its scratch: use
 * one per thread.
 */
public final class ViewAugmenter {
  private final AugmentSettings settings;
  private final Planes planes;
  private final Resampler resampler;
  private final ColorOperations colors = new ColorOperations();
  private final HueShift hueShift = new HueShift();
  private final GaussianBlur blur;

  public ViewAugmenter(AugmentSettings settings) {
    this.settings = settings;
    int size = settings.size();
    planes = new Planes(size, size);
    resampler = new Resampler(size, size, settings.interpolation());
    blur = new GaussianBlur(size, size, settings.blur().kernelSize());
  }

  /**
   * Writes one view as uint8 RGB {@code [size, size, 3]}, {@link AugmentSettings#viewBytes} bytes.
   *
   * @param streams of the run
   * @param imageIndex of the picture in its data set
   * @param epoch from 0
   * @param view 0 or 1
   * @param out receives the view
   * @param offset of the view's first byte in {@code out}
   * @throws IndexOutOfBoundsException if the view does not fit
   */
  public void augment(
      RgbImage image,
      RandomStreams streams,
      long imageIndex,
      long epoch,
      int view,
      byte[] out,
      int offset) {
    SeededRandom random = streams.stream(Purpose.VIEWS, imageIndex, epoch, view);
    apply(image, ViewParameters.draw(settings, image.width(), image.height(), random), out, offset);
  }

  /**
   * Writes the view that the parameters describe, as {@link #augment} does.
   *
   * @param parameters drawn for this picture's size
   * @throws IndexOutOfBoundsException if the view does not fit
   */
  public void apply(RgbImage image, ViewParameters parameters, byte[] out, int offset) {
    Objects.checkFromIndexSize(offset, settings.viewBytes(), out.length);
    resampler.resize(image, parameters.crop(), parameters.flip(), planes);
    ColorJitter jitter = parameters.jitter();
    if (jitter != null) {
      for (ColorJitter.Operation operation : jitter.order()) {
        jitter(jitter, operation);
      }
    }
    if (parameters.grayscale()) {
      colors.grayscale(planes);
    }
    if (parameters.blurSigma() > 0) {
      blur.apply(planes, parameters.blurSigma());
    }
    planes.write(out, offset);
  }

  private void jitter(ColorJitter jitter, ColorJitter.Operation operation) {
    switch (operation) {
      case BRIGHTNESS -> colors.brightness(planes, jitter.brightness());
      case CONTRAST -> colors.contrast(planes, jitter.contrast());
      case SATURATION -> colors.saturation(planes, jitter.saturation());
      case HUE -> {
        if (jitter.hue() != 0) {
          hueShift.apply(planes, jitter.hue());
        }
      }
    }
  }
}
