package io.simclrbeam.model.encoder;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.simclrbeam.model.network.Layers;
import io.simclrbeam.model.network.Linear;
import io.simclrbeam.model.torchscript.Initialization;
import java.io.Serializable;

/**
 * The g of the SimCLR paper: an MLP from a representation h {@code [N, D]} to the projection z
 * {@code [N, dimension]} that the loss compares. Only training has it.
 *
 * <p>Each hidden layer is Linear, BatchNorm, ReLU. Unless it is given, its width is D, but at least
 * 512, so that a narrow encoder is not its own bottleneck. The last layer is Linear, BatchNorm
 * without a beta, as in google-research/simclr.
 *
 * @param dimension size of z, at least 1
 * @param layers number of linear layers, 2 or 3
 * @param hidden width of the layers before the last; 0 for D, but at least 512
 */
public record ProjectionHead(
    int dimension, int layers, @JsonProperty(defaultValue = "0") int hidden)
    implements Serializable {
  private static final int MIN_HIDDEN_WIDTH = 512;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is out of range
   */
  public ProjectionHead {
    if (dimension < 1 || layers < 2 || layers > 3 || hidden < 0) {
      throw new IllegalArgumentException(
          "a projection head has 2 or 3 layers, at least 1 output and no fewer than 0 hidden units, not %d, %d and %d"
              .formatted(layers, dimension, hidden));
    }
  }

  /** Returns a head whose hidden layers are as wide as the encoder's output, but at least 512. */
  public static ProjectionHead of(int dimension, int layers) {
    return new ProjectionHead(dimension, layers, 0);
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
    int between = hidden == 0 ? Math.max(width, MIN_HIDDEN_WIDTH) : hidden;
    int in = width;
    for (int layer = 0; layer < layers; layer++) {
      boolean last = layer == layers - 1;
      String name = "head." + layer;
      int out = last ? dimension : between;
      x = writer.linear(Linear.of(name + ".linear", in, out, false), x);
      x = writer.batchNorm(x, name + ".bn", out, Initialization.ONES, !last || lastBeta);
      x = last ? x : writer.relu(x);
      in = out;
    }
    return writer.toFloat(x);
  }
}
