package io.simclrbeam.model.encoder;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.simclrbeam.model.network.Layers;

/**
 * No network at all: the representation is the normalized pixels. Any encoder must beat this
 * baseline. It has nothing to train.
 */
@JsonTypeName(Pixels.NAME)
public record Pixels() implements Encoder {
  /** Its name. */
  public static final String NAME = "pixels";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int dimension(int imageSize) {
    return 3 * imageSize * imageSize;
  }

  @Override
  public long activations(int imageSize) {
    return 2L * dimension(imageSize);
  }

  @Override
  public String write(Layers layers, String images, int imageSize) {
    return layers.script().let("torch.flatten(%s, 1)", layers.toFloat(images));
  }
}
