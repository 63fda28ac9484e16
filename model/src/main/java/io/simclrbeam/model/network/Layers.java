package io.simclrbeam.model.network;

import io.simclrbeam.model.torchscript.ScriptWriter;
import java.util.function.Supplier;

/**
 * Writes the layers that encoders are made of. Each takes the variable with its input and returns
 * that with its output, images {@code [N, C, H, W]} channels-last in both cases.
 */
public interface Layers {
  /** Returns where statements go. */
  ScriptWriter script();

  /** A convolution and the BatchNorm after it. */
  String convolution(Convolution c, String x);

  /** The same, and max(0, x) after it. */
  String convolutionRelu(Convolution c, String x);

  /**
   * The same, and what {@code shortcut} writes is added before max(0, x). It must not be needed
   * again.
   */
  String convolutionAddRelu(Convolution c, String x, Supplier<String> shortcut);

  /** The maximum of 3 x 3, padded by 1, at every second place, of what is not negative. */
  default String maxPool(String x) {
    return script().let("torch.max_pool2d(%s, [3, 3], [2, 2], [1, 1], [1, 1], False)", x);
  }

  /** Returns the values as float32. */
  String toFloat(String x);
}
