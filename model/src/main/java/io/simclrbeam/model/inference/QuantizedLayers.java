package io.simclrbeam.model.inference;

import io.simclrbeam.model.network.Convolution;
import io.simclrbeam.model.network.Layers;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.torchscript.Initialization;
import io.simclrbeam.model.torchscript.ScriptWriter;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Layers of 8-bit integers in oneDNN's convolutions, with the tensors that {@link Quantization}
 * computes. Activations are uint8; of what no ReLU follows, {@link Quantization#ZERO_POINT} stands
 * for 0.
 */
final class QuantizedLayers implements Layers {
  /** The numbers by which TorchScript knows types (c10::ScalarType). */
  private static final int UINT8 = 0;

  private static final int INT8 = 1;
  private static final int INT32 = 3;
  private static final int FLOAT32 = 6;

  private final ScriptWriter script;
  private final long channels;
  private final boolean packing;
  private final Set<String> signed = new HashSet<>();

  /**
   * Creates the layers of an encoder of {@link EncoderGraph#IMAGES}, which are uint8 {@code [N, 3,
   * H, W]} channels-last.
   *
   * @param script where statements go
   * @param channels of the last activation in integers
   * @param packing whether weights are converted to the layout that suits the size of their input,
   *     each before it is first used
   */
  QuantizedLayers(ScriptWriter script, long channels, boolean packing) {
    this.script = script;
    this.channels = channels;
    this.packing = packing;
  }

  @Override
  public ScriptWriter script() {
    return script;
  }

  /** Returns the arithmetic of what follows {@link #toFloat}. */
  @Override
  public Precision precision() {
    return Precision.FP32;
  }

  @Override
  public String convolution(Convolution c, String x) {
    String y = convolution(c, x, Quantization.ZERO_POINT, "none");
    signed.add(y);
    return y;
  }

  @Override
  public String convolutionRelu(Convolution c, String x) {
    return convolution(c, x, 0, "relu");
  }

  private String convolution(Convolution c, String x, int zeroPoint, String activation) {
    Input input = input(c, x);
    String operands = operands(c, input);
    return script.let(
        "ops.onednn.qconv2d_pointwise(%s, %s, %s, %s, [1, 1], 1, 1.0, %d, %d, \"%s\","
            + " annotate(List[Optional[number]], []), \"\")",
        operands, bias(c), c.strides(), input.padding, zeroPoint, UINT8, activation);
  }

  @Override
  public String convolutionAddRelu(Convolution c, String x, Supplier<String> shortcut) {
    String sum = shortcut.get(); // which the result takes the place of
    Input input = input(c, x);
    String operands = operands(c, input);
    String scale =
        script.tensor(Quantization.shortcut(c), List.of(), Role.BUFFER, Initialization.ONES);
    return script.let(
        "ops.onednn.qconv2d_pointwise(%s, %s, %s, %s, %s, [1, 1], 1, 1.0, 0, %d, float(%s), %d,"
            + " \"sum\", 1.0, \"relu\", annotate(List[Optional[number]], []), \"\")",
        operands,
        sum,
        bias(c),
        c.strides(),
        input.padding,
        UINT8,
        scale,
        signed.contains(sum) ? Quantization.ZERO_POINT : 0);
  }

  /** Made of the maxima of neighbors, as libtorch's own does not take uint8. */
  @Override
  public String maxPool(String x) {
    String y = x;
    for (int axis = 2; axis <= 3; axis++) {
      String even = script.let("torch.clone(torch.slice(%s, %d, 0, None, 2))", y, axis);
      String odd = script.let("torch.slice(%s, %d, 1, None, 2)", y, axis);
      String odds = script.let("torch.size(%s, %d)", odd, axis); // may be one less than evens
      maximum(even, 0, odd, odds, axis);
      String others = script.let("torch.sub(torch.size(%s, %d), 1)", even, axis);
      maximum(even, 1, odd, others, axis);
      y = even;
    }
    return y;
  }

  /** Where y is greater, takes it to x: so many places of y from its first on, to x from one on. */
  private void maximum(String x, int from, String y, String places, int axis) {
    String target =
        script.let("torch.slice(%s, %d, %d, torch.add(%s, %d), 1)", x, axis, from, places, from);
    String other = script.let("torch.slice(%s, %d, 0, %s, 1)", y, axis, places);
    script.let("torch.maximum(%s, %s, out=%s)", target, other, target);
  }

  @Override
  public String toFloat(String x) {
    String scale =
        script.tensor(
            Quantization.SCALE, List.of(1L, channels, 1L, 1L), Role.BUFFER, Initialization.ONES);
    return script.let("torch.mul(torch.to(%s, %d), %s)", x, FLOAT32, scale);
  }

  /**
   * What a convolution reads and how it is padded. Around the images is what is 0 once they are
   * normalized, which is another number for each channel.
   */
  private record Input(String variable, String padding) {}

  private Input input(Convolution c, String x) {
    if (!x.equals(EncoderGraph.IMAGES)) {
      return new Input(x, c.padding());
    }
    int margin = c.kernel() / 2;
    String zero =
        script.tensor(
            Quantization.PADDING, List.of(1L, 3L, 1L, 1L), Role.BUFFER, Initialization.ZEROS);
    String padded =
        script.let(
            "torch.contiguous(torch.expand(torch.to(%s, %d), [torch.size(%s, 0), 3,"
                + " torch.add(torch.size(%s, 2), %d), torch.add(torch.size(%s, 3), %d)]),"
                + " memory_format=2)",
            zero, UINT8, x, x, 2 * margin, x, 2 * margin);
    script.let(
        "torch.copy_(torch.slice(torch.slice(%s, 2, %d, %d), 3, %d, %d), %s)",
        padded, margin, -margin, margin, -margin, x);
    return new Input(padded, "[0, 0]");
  }

  /** Writes the expressions of input, kernels and what their sums are multiplied by. */
  private String operands(Convolution c, Input input) {
    String weight = FoldedLayers.weight(script, c);
    String multiplier =
        script.tensor(
            Quantization.multiplier(c), c.channelShape(), Role.BUFFER, Initialization.ONES);
    if (packing) {
      script.run("module = %s", ScriptWriter.read(c.name()));
      script.run(
          "module.weight = ops.onednn.qconv_prepack(torch.to(%s, %d), %s, 1.0, 0, %s, %s, [1, 1], 1,"
              + " torch.size(%s))",
          weight, INT8, multiplier, c.strides(), input.padding, input.variable);
    }
    String zeroPoints = "torch.zeros([%d], dtype=%d)".formatted(c.out(), INT32);
    return "%s, 1.0, 0, %s, %s, %s".formatted(input.variable, weight, multiplier, zeroPoints);
  }

  private String bias(Convolution c) {
    return FoldedLayers.bias(script, c);
  }
}
