package io.simclrbeam.model.network;

import io.simclrbeam.model.torchscript.Initialisation;
import io.simclrbeam.model.torchscript.ScriptWriter;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Writes the layers that networks are made of, with torch.nn's names and meaning.
 *
 * @param script where statements go
 * @param mode whether BatchNorm uses the batch's statistics or the running ones
 * @param precision the arithmetic of convolutions and matrix products
 * @param folded receives, where BatchNorms are folded, the one in each convolution
 * @param packing receives, in {@link Mode#FUSED}, the statements that convert the weights
 */
record Layers(
    ScriptWriter script,
    Mode mode,
    Precision precision,
    Map<String, String> folded,
    List<String> packing) {
  private static final double BATCH_NORM_MOMENTUM = 0.1;
  static final double BATCH_NORM_EPSILON = 1e-5;

  /** What a program is for. */
  enum Mode {
    /** Batch statistics, and running statistics updated. */
    TRAINING("True"),
    /** As the module's {@code training} attribute says, which is false in a loaded archive. */
    AS_MODULE("self.training"),
    /** Running statistics, which never change: BatchNorm becomes part of the convolution. */
    FROZEN("False"),
    /**
     * The same in oneDNN's convolutions, which do at once what follows them, on weights that were
     * converted to its layout beforehand.
     */
    FUSED("False");

    private final String expression;

    Mode(String expression) {
      this.expression = expression;
    }
  }

  /** Creates layers that are not folded. */
  Layers(ScriptWriter script, Mode mode, Precision precision) {
    this(script, mode, precision, new HashMap<>(), new ArrayList<>());
  }

  /**
   * A convolution, padded to keep the size but for its stride, and the BatchNorm after it: {@code
   * [N, in, H, W] -> [N, out, H', W']}.
   *
   * @param name of the convolution
   * @param norm name of the BatchNorm
   * @param gamma what the BatchNorm's scale starts with
   */
  record Convolution(
      String name, String norm, int in, int out, int kernel, int stride, Initialisation gamma) {

    Convolution withGamma(Initialisation gamma) {
      return new Convolution(name, norm, in, out, kernel, stride, gamma);
    }
  }

  String convolution(Convolution c, String x) {
    return mode == Mode.FUSED ? fused(c, x, "none") : convolutionAndNorm(c, x);
  }

  /** The same, and max(0, x) after it. */
  String convolutionRelu(Convolution c, String x) {
    return mode == Mode.FUSED ? fused(c, x, "relu") : relu(convolutionAndNorm(c, x));
  }

  /**
   * The same, and what {@code shortcut} writes is added before max(0, x). It must not be needed
   * again.
   */
  String convolutionAddRelu(Convolution c, String x, Supplier<String> shortcut) {
    if (mode != Mode.FUSED) {
      String y = convolutionAndNorm(c, x);
      return relu(script.let("torch.add_(%s, %s)", y, shortcut.get()));
    }
    String added = shortcut.get();
    return script.let(
        "ops.mkldnn._convolution_pointwise_(%s, %s, %s, %s, %s, %s, [1, 1], 1, \"add\", 1.0,"
            + " \"relu\", annotate(List[Optional[number]], []), \"\")",
        added, x, packed(c), bias(c), padding(c), strides(c));
  }

  private String fused(Convolution c, String x, String activation) {
    return script.let(
        "ops.mkldnn._convolution_pointwise(%s, %s, %s, %s, %s, [1, 1], 1, \"%s\","
            + " annotate(List[Optional[number]], []), \"\")",
        x, packed(c), bias(c), padding(c), strides(c), activation);
  }

  private String convolutionAndNorm(Convolution c, String x) {
    String bias = "None";
    if (mode == Mode.FROZEN) {
      folded.put(c.name, c.norm);
      bias = operand(bias(c));
    }
    String y =
        script.let(
            "torch.conv2d(%s, %s, %s, %s, %s, [1, 1], 1)",
            x, operand(weight(c)), bias, strides(c), padding(c));
    return mode == Mode.FROZEN ? y : batchNorm(y, c.norm, c.out, c.gamma);
  }

  private String weight(Convolution c) {
    return script.tensor(
        c.name + ".weight",
        List.of((long) c.out, (long) c.in, (long) c.kernel, (long) c.kernel),
        Role.PARAMETER,
        Initialisation.HE_NORMAL);
  }

  private String bias(Convolution c) {
    return script.tensor(
        c.name + ".bias", List.of((long) c.out), Role.PARAMETER, Initialisation.ZEROS);
  }

  /** Has weight and bias converted by the packing, and returns the expression of the weight. */
  private String packed(Convolution c) {
    folded.put(c.name, c.norm);
    String weight = weight(c);
    bias(c);
    packing.add("module = " + ScriptWriter.read(c.name));
    packing.add(
        "module.weight = torch.mkldnn_reorder_conv2d_weight(torch.to_mkldnn(%s), %s, %s, [1, 1], 1,"
                .formatted(operand("module.weight"), padding(c), strides(c))
            + " None)");
    packing.add("module.bias = " + operand("module.bias"));
    return weight;
  }

  private static String padding(Convolution c) {
    return "[%1$d, %1$d]".formatted(c.kernel / 2);
  }

  private static String strides(Convolution c) {
    return "[%1$d, %1$d]".formatted(c.stride);
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
