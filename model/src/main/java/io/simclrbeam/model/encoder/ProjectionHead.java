package io.simclrbeam.model.encoder;

import io.simclrbeam.model.network.Layers;
import io.simclrbeam.model.network.Linear;
import io.simclrbeam.model.torchscript.Initialization;
import java.io.Serializable;

/**
 * The g of the SimCLR paper: an MLP from a representation h {@code [N, D]} to the projection z
 * {@code [N, dimension]} that the loss compares. Only training has it.
 *
 * <p>Each hidden layer is Linear, BatchNorm, ReLU. Its width is D, but at least 512, so that a
 * narrow encoder is not its own bottleneck. The last layer is Linear, BatchNorm without a beta, as
 * in google-research/simclr.
 *
 * @param dimension size of z, at least 1
 * @param layers number of linear layers, 2 or 3
 */
public record ProjectionHead(int dimension, int layers) implements Serializable {
  private static final int MIN_HIDDEN_WIDTH = 512;

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

  /**
   * Writes the head.
   *
   * @param representations the variable with h, float32 {@code [N, width]}
   * @param lastBeta whether the last BatchNorm has a beta all the same
   * @return the variable with z, float32 {@code [N, dimension]}
   */
  public String write(Layers writer, String representations, int width, boolean lastBeta) {
    String x = representations;
    int hidden = Math.max(width, MIN_HIDDEN_WIDTH);
    int in = width;
    for (int layer = 0; layer < layers; layer++) {
      boolean last = layer == layers - 1;
      String name = "head." + layer;
      int out = last ? dimension : hidden;
      x = writer.linear(Linear.of(name + ".linear", in, out, false), x);
      x = writer.batchNorm(x, name + ".bn", out, Initialization.ONES, !last || lastBeta);
      x = last ? x : writer.relu(x);
      in = out;
    }
    return writer.toFloat(x);
  }
}
