package io.simclrbeam.model.encoder;

import io.simclrbeam.model.network.Layers;

/**
 * No network at all: the representation is the normalized pixels. The baseline that any encoder
 * must beat; it has nothing to train.
 *
 * @param size side of the image in pixels
 */
public record Pixels(int size) implements Encoder {
  /** Its name. */
  public static final String NAME = "pixels";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int dimension() {
    return 3 * size * size;
  }

  @Override
  public long activations(int imageSize) {
    return 2L * dimension();
  }

  @Override
  public String write(Layers layers, String images) {
    return layers.script().let("torch.flatten(%s, 1)", layers.toFloat(images));
  }
}
