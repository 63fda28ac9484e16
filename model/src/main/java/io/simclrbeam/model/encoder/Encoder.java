package io.simclrbeam.model.encoder;

import io.simclrbeam.model.network.Layers;

/** A network from images to representations, the f of the SimCLR paper. */
public interface Encoder {
  /** Returns its name, such as {@code resnet18}. */
  String name();

  /** Returns D, the size of a representation. */
  int dimension();

  /**
   * Returns how many numbers the forward pass of one image holds at the same time, at most.
   *
   * @param imageSize side of the image in pixels
   */
  long activations(int imageSize);

  /**
   * Writes the forward pass.
   *
   * @param layers where statements go
   * @param images the variable with normalized images, {@code [N, 3, H, W]} channels-last
   * @return the variable with the representations h, {@code [N, D]}
   */
  String write(Layers layers, String images);
}
