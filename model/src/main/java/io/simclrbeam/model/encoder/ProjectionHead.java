package io.simclrbeam.model.encoder;

import io.simclrbeam.model.network.ModuleLayers;
import io.simclrbeam.model.torchscript.Initialization;

/**
 * The g of the SimCLR paper: an MLP from a representation h {@code [N, D]} to the projection z
 * {@code [N, dimension]} that the loss compares. Only training has it.
 *
 * <p>Each hidden layer is Linear, BatchNorm, ReLU of width D, 512 at least; the last is Linear,
 * BatchNorm, as in google-research/simclr.
 *
 * @param dimension size of z
 * @param layers number of linear layers, 2 or 3
 */
public record ProjectionHead(int dimension, int layers) {
  private static final int LEAST_HIDDEN_WIDTH = 512;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is out of range
   */
  public ProjectionHead {
    if (dimension < 1 || layers < 2 || layers > 3) {
      throw new IllegalArgumentException(
          "a projection head has 2 or 3 layers and at least 1 output, not %d and %d"
              .formatted(layers, dimension));
    }
  }

  public String write(ModuleLayers writer, String representations, int width) {
    String x = writer.precision().operand(representations);
    int hidden = Math.max(width, LEAST_HIDDEN_WIDTH);
    int in = width;
    for (int layer = 0; layer < layers; layer++) {
      boolean last = layer == layers - 1;
      String name = "head." + layer;
      int out = last ? dimension : hidden;
      x = writer.linear(x, name + ".linear", in, out);
      x = writer.batchNorm(x, name + ".bn", out, Initialization.ONES);
      x = last ? x : writer.relu(x);
      in = out;
    }
    return writer.toFloat(x);
  }
}
