package io.simclrbeam.model.network;

import io.simclrbeam.model.torchscript.Initialization;
import io.simclrbeam.model.torchscript.ScriptWriter;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import java.util.List;
import java.util.function.Supplier;

/**
 * Layers with torch.nn's names and meaning, each for itself.
 *
 * @param script where statements go
 * @param mode whether BatchNorm uses the batch's statistics or the running ones
 * @param precision the arithmetic of convolutions and matrix products
 */
public record ModuleLayers(ScriptWriter script, Mode mode, Precision precision) implements Layers {
  private static final double BATCH_NORM_MOMENTUM = 0.1;
  public static final double BATCH_NORM_EPSILON = 1e-5;

  /**
   * Channels of the widest block that oneDNN's kernels work on (AVX-512's, in float32 and, without
   * AMX, in bfloat16; AVX2's has 8). The weight gradient of a strided 1 x 1 convolution of fewer
   * input channels writes past its scratch memory, which crashes, hangs or gives wrong numbers
   * (uxlfoundation/oneDNN issue 6035). Grouped convolutions, the gradient of the input and the
   * forward pass were found to be sound. Training takes the pixels that the stride leaves first,
   * and then a convolution of stride 1, which is the same function. The limit is the same on every
   * processor and in every precision, so that the program does not depend on the machine.
   */
  private static final int WHOLE_BLOCK = 16;

  /** What a program is for. */
  public enum Mode {
    /** Batch statistics, and running statistics updated. */
    TRAINING("True"),
    /** As the module's {@code training} attribute says, which is false in a loaded archive. */
    AS_MODULE("self.training");

    private final String expression;

    Mode(String expression) {
      this.expression = expression;
    }
  }

  @Override
  public String convolution(Convolution c, String x) {
    if (mode == Mode.TRAINING && c.kernel() == 1 && c.stride() > 1 && c.in() < WHOLE_BLOCK) {
      String kept =
          script.let(
              "torch.slice(torch.slice(%s, 2, 0, None, %d), 3, 0, None, %d)",
              x, c.stride(), c.stride());
      return convolution(c.withStride(1), kept);
    }
    String weight =
        script.tensor(c.weight(), c.weightShape(), Role.PARAMETER, Initialization.HE_NORMAL);
    String y =
        script.let(
            "torch.conv2d(%s, %s, None, %s, %s, [1, 1], 1)",
            x, precision.operand(weight), c.strides(), c.padding());
    return batchNorm(y, c.norm(), c.out(), c.gamma());
  }

  @Override
  public String convolutionRelu(Convolution c, String x) {
    return relu(convolution(c, x));
  }

  @Override
  public String convolutionAddRelu(Convolution c, String x, Supplier<String> shortcut) {
    String y = convolution(c, x);
    return relu(script.let("torch.add_(%s, %s)", y, shortcut.get()));
  }

  /** Batch normalization over all axes but the second. */
  public String batchNorm(String x, String name, int channels, Initialization gamma) {
    List<Long> shape = List.of((long) channels);
    return script.let(
        "torch.batch_norm(%s, %s, %s, %s, %s, %s, %s, %s, True)",
        x,
        script.tensor(name + ".weight", shape, Role.PARAMETER, gamma),
        script.tensor(name + ".bias", shape, Role.PARAMETER, Initialization.ZEROS),
        script.tensor(name + ".running_mean", shape, Role.BUFFER, Initialization.ZEROS),
        script.tensor(name + ".running_var", shape, Role.BUFFER, Initialization.ONES),
        mode.expression,
        BATCH_NORM_MOMENTUM,
        BATCH_NORM_EPSILON);
  }

  /** A fully connected layer without bias: {@code [N, in] -> [N, out]}. */
  public String linear(String x, String name, int in, int out) {
    String weight =
        script.tensor(
            name + ".weight",
            List.of((long) out, (long) in),
            Role.PARAMETER,
            Initialization.LINEAR_UNIFORM);
    return script.let("torch.linear(%s, %s, None)", x, precision.operand(weight));
  }

  /** max(x, 0), in place: whatever made x must not need it again. */
  public String relu(String x) {
    return script.let("torch.relu_(%s)", x);
  }

  @Override
  public String toFloat(String x) {
    return script.let("%s", precision.toFloat(x));
  }
}
