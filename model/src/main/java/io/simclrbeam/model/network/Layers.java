package io.simclrbeam.model.network;

import io.simclrbeam.model.torchscript.Initialisation;
import io.simclrbeam.model.torchscript.ScriptWriter;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import java.util.List;

/**
 * Writes the layers that networks are made of, with torch.nn's names and meaning.
 *
 * @param script where statements go
 * @param mode whether BatchNorm uses the batch's statistics or the running ones
 * @param precision the arithmetic of convolutions and matrix products
 */
record Layers(ScriptWriter script, Mode mode, Precision precision) {
  private static final double BATCH_NORM_MOMENTUM = 0.1;
  private static final double BATCH_NORM_EPSILON = 1e-5;

  /** What a program is for. */
  enum Mode {
    /** Batch statistics, and running statistics updated. */
    TRAINING("True"),
    /** As the module's {@code training} attribute says, which is false in a loaded archive. */
    AS_MODULE("self.training");

    private final String expression;

    Mode(String expression) {
      this.expression = expression;
    }
  }

  /** A convolution without bias: {@code [N, in, H, W] -> [N, out, H', W']}. */
  String convolution(String x, String name, int in, int out, int kernel, int stride, int padding) {
    String weight =
        script.tensor(
            name + ".weight",
            List.of((long) out, (long) in, (long) kernel, (long) kernel),
            Role.PARAMETER,
            Initialisation.HE_NORMAL);
    return script.let(
        "torch.conv2d(%s, %s, None, [%d, %d], [%d, %d], [1, 1], 1)",
        x, operand(weight), stride, stride, padding, padding);
  }

  /** Batch normalisation over all axes but the second. */
  String batchNorm(String x, String name, int channels, Initialisation gamma) {
    List<Long> shape = List.of((long) channels);
    return script.let(
        "torch.batch_norm(%s, %s, %s, %s, %s, %s, %s, %s, True)",
        x,
        script.tensor(name + ".weight", shape, Role.PARAMETER, gamma),
        script.tensor(name + ".bias", shape, Role.PARAMETER, Initialisation.ZEROS),
        script.tensor(name + ".running_mean", shape, Role.BUFFER, Initialisation.ZEROS),
        script.tensor(name + ".running_var", shape, Role.BUFFER, Initialisation.ONES),
        mode.expression,
        BATCH_NORM_MOMENTUM,
        BATCH_NORM_EPSILON);
  }

  /** A fully connected layer without bias: {@code [N, in] -> [N, out]}. */
  String linear(String x, String name, int in, int out) {
    String weight =
        script.tensor(
            name + ".weight",
            List.of((long) out, (long) in),
            Role.PARAMETER,
            Initialisation.LINEAR_UNIFORM);
    return script.let("torch.linear(%s, %s, None)", x, operand(weight));
  }

  /** max(x, 0), in place: whatever made x must not need it again. */
  String relu(String x) {
    return script.let("torch.relu_(%s)", x);
  }

  /** Converts to the type of the layers' arithmetic. */
  String operand(String x) {
    return precision == Precision.FP32
        ? x
        : "torch.to(%s, %d)".formatted(x, precision.scalarType());
  }

  /** Converts to float32. */
  String toFloat(String x) {
    return precision == Precision.FP32
        ? x
        : script.let("torch.to(%s, %d)", x, Precision.FP32.scalarType());
  }
}
