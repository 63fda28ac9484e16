package io.simclrbeam.model.network;

/** A network from images to representations, the f of the SimCLR paper. */
public interface Encoder {
  /** Returns its name, such as {@code resnet18}. */
  String name();

  /** Returns D, the size of a representation. */
  int dimension();

  /**
   * Writes the forward pass.
   *
   * @param layers where statements go
   * @param images the variable with normalised images, {@code [N, 3, H, W]} channels-last
   * @return the variable with the representations h, {@code [N, D]}
   */
  String write(Layers layers, String images);
}
