package io.simclrbeam.model.inference;

import io.simclrbeam.model.network.Convolution;
import io.simclrbeam.model.network.Layers;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.torchscript.Initialization;
import io.simclrbeam.model.torchscript.ScriptWriter;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import java.util.function.Supplier;

/**
 * Layers whose BatchNorm has become part of the convolution before it, on any device.
 *
 * @param script where statements go
 * @param precision the arithmetic of convolutions
 */
record FoldedLayers(ScriptWriter script, Precision precision) implements Layers {
  @Override
  public String convolution(Convolution c, String x) {
    return script.let(
        "torch.conv2d(%s, %s, %s, %s, %s, [1, 1], 1)",
        x,
        precision.operand(weight(script, c)),
        precision.operand(bias(script, c)),
        c.strides(),
        c.padding());
  }

  @Override
  public String convolutionRelu(Convolution c, String x) {
    return script.let("torch.relu_(%s)", convolution(c, x));
  }

  @Override
  public String convolutionAddRelu(Convolution c, String x, Supplier<String> shortcut) {
    String y = convolution(c, x);
    return script.let("torch.relu_(torch.add_(%s, %s))", y, shortcut.get());
  }

  /** Declares kernels that a BatchNorm was folded into. */
  static String weight(ScriptWriter script, Convolution c) {
    return script.tensor(c.weight(), c.weightShape(), Role.WEIGHT, Initialization.HE_NORMAL);
  }

  /** Declares what is left of that BatchNorm. */
  static String bias(ScriptWriter script, Convolution c) {
    return script.tensor(c.bias(), c.channelShape(), Role.UNREGULARIZED, Initialization.ZEROS);
  }
}
