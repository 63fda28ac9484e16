package io.simclrbeam.model.network;

import io.simclrbeam.model.torchscript.Initialisation;
import io.simclrbeam.model.torchscript.ScriptWriter;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the layers that networks are made of, with torch.nn's names and meaning.
 *
 * @param script where statements go
 * @param mode whether BatchNorm uses the batch's statistics or the running ones
 * @param precision the arithmetic of convolutions and matrix products
 * @param folded receives, in {@link Mode#FROZEN}, the BatchNorm folded into each convolution
 */
record Layers(ScriptWriter script, Mode mode, Precision precision, Map<String, String> folded) {
  private static final double BATCH_NORM_MOMENTUM = 0.1;
  static final double BATCH_NORM_EPSILON = 1e-5;

  /** What a program is for. */
  enum Mode {
    /** Batch statistics, and running statistics updated. */
    TRAINING("True"),
    /** As the module's {@code training} attribute says, which is false in a loaded archive. */
    AS_MODULE("self.training"),
    /** Running statistics, which never change: BatchNorm becomes part of the convolution. */
    FROZEN("False");

    private final String expression;

    Mode(String expression) {
      this.expression = expression;
    }
  }

  /** Creates layers that are not folded. */
  Layers(ScriptWriter script, Mode mode, Precision precision) {
    this(script, mode, precision, new HashMap<>());
  }

  /** A convolution and the BatchNorm after it: {@code [N, in, H, W] -> [N, out, H', W']}. */
  String convolutionAndNorm(
      String x,
      String convolution,
      String norm,
      int in,
      int out,
      int kernel,
      int stride,
      int padding,
      Initialisation gamma) {
    if (mode != Mode.FROZEN) {
      return batchNorm(
          convolution(x, convolution, in, out, kernel, stride, padding), norm, out, gamma);
    }
    folded.put(convolution, norm);
    String bias =
        script.tensor(
            convolution + ".bias", List.of((long) out), Role.PARAMETER, Initialisation.ZEROS);
    return convolution(x, convolution, in, out, kernel, stride, padding, operand(bias));
  }

  /** A convolution without bias: {@code [N, in, H, W] -> [N, out, H', W']}. */
  private String convolution(
      String x, String name, int in, int out, int kernel, int stride, int padding) {
    return convolution(x, name, in, out, kernel, stride, padding, "None");
  }

  private String convolution(
      String x, String name, int in, int out, int kernel, int stride, int padding, String bias) {
    String weight =
        script.tensor(
            name + ".weight",
            List.of((long) out, (long) in, (long) kernel, (long) kernel),
            Role.PARAMETER,
            Initialisation.HE_NORMAL);
    return script.let(
        "torch.conv2d(%s, %s, %s, [%d, %d], [%d, %d], [1, 1], 1)",
        x, operand(weight), bias, stride, stride, padding, padding);
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
