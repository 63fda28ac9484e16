package io.simclrbeam.model.inference;

import io.simclrbeam.model.network.Convolution;
import io.simclrbeam.model.network.Layers;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.torchscript.ScriptWriter;
import java.util.function.Supplier;

/**
 * The same as {@link FoldedLayers}, in oneDNN's convolutions, which do at once what follows them,
 * on weights in the layout that suits the size of their input.
 *
 * @param script where statements go
 * @param precision the arithmetic of convolutions
 * @param packing whether weights are converted to that layout, each before it is first used
 */
record FusedLayers(ScriptWriter script, Precision precision, boolean packing) implements Layers {
  @Override
  public String convolution(Convolution c, String x) {
    return convolution(c, x, "none");
  }

  @Override
  public String convolutionRelu(Convolution c, String x) {
    return convolution(c, x, "relu");
  }

  private String convolution(Convolution c, String x, String activation) {
    String weight = weight(c, x);
    return script.let(
        "ops.mkldnn._convolution_pointwise(%s, %s, %s, %s, %s, [1, 1], 1, \"%s\","
            + " annotate(List[Optional[number]], []), \"\")",
        x, weight, FoldedLayers.bias(script, c), c.padding(), c.strides(), activation);
  }

  @Override
  public String convolutionAddRelu(Convolution c, String x, Supplier<String> shortcut) {
    String sum = shortcut.get(); // which the result takes the place of
    String weight = weight(c, x);
    return script.let(
        "ops.mkldnn._convolution_pointwise_(%s, %s, %s, %s, %s, %s, [1, 1], 1, \"add\", 1.0,"
            + " \"relu\", annotate(List[Optional[number]], []), \"\")",
        sum, x, weight, FoldedLayers.bias(script, c), c.padding(), c.strides());
  }

  private String weight(Convolution c, String x) {
    String weight = FoldedLayers.weight(script, c);
    String bias = FoldedLayers.bias(script, c);
    if (packing) {
      script.run("module = %s", ScriptWriter.read(c.name()));
      script.run(
          "module.weight = torch.mkldnn_reorder_conv2d_weight(torch.to_mkldnn(%s), %s, %s, [1, 1],"
              + " 1, torch.size(%s))",
          precision.operand(weight), c.padding(), c.strides(), x);
      script.run("module.bias = %s", precision.operand(bias));
    }
    return weight;
  }
}
