package io.simclrbeam.model.network;

import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.ScriptWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The encoder as it is applied: each BatchNorm is folded into the convolution before it, which
 * saves a pass over its output.
 *
 * @param encoder f
 * @param normalisation of the input
 * @param precision the arithmetic of convolutions
 * @param fused whether convolutions are oneDNN's, which do at once what follows them; x86
 *     processors have these
 */
public record FrozenProgram(
    Encoder encoder, Normalisation normalisation, Precision precision, boolean fused) {
  /** The method of a fused program that must be called once before the others. */
  public static final String PACK = "pack";

  /** Writes the program; {@code forward} is as in {@link EncoderProgram#write}. */
  public ScriptProgram write() {
    return write(new LinkedHashMap<>());
  }

  private ScriptProgram write(Map<String, String> folded) {
    ScriptWriter script = new ScriptWriter();
    List<String> packing = new ArrayList<>();
    Layers layers =
        new Layers(
            script, fused ? Layers.Mode.FUSED : Layers.Mode.FROZEN, precision, folded, packing);
    String x = EncoderProgram.input(script, normalisation);
    String y = encoder.write(layers, script.let("%s", layers.operand(x)));
    script.method("forward", List.of("images: Tensor"), "Tensor", y);
    if (fused) {
      packing.forEach(statement -> script.run("%s", statement));
      script.method(PACK, List.of(), "List[Tensor]", "annotate(List[Tensor], [])");
    }
    return script.program();
  }

  /**
   * Returns the values of the program's tensors: {@code w * gamma / sqrt(variance + epsilon)} and
   * {@code beta - mean * gamma / sqrt(variance + epsilon)}, for each channel.
   *
   * @param weights of the encoder, under torchvision's names
   */
  public Map<String, Tensor> fold(Map<String, Tensor> weights) {
    Map<String, String> folded = new LinkedHashMap<>();
    write(folded);
    Map<String, Tensor> values = new LinkedHashMap<>();
    folded.forEach(
        (convolution, norm) -> {
          Tensor kernels = of(weights, convolution + ".weight");
          float[] gamma = of(weights, norm + ".weight").toFloats();
          float[] beta = of(weights, norm + ".bias").toFloats();
          float[] mean = of(weights, norm + ".running_mean").toFloats();
          float[] variance = of(weights, norm + ".running_var").toFloats();
          float[] kernel = kernels.toFloats();
          float[] bias = new float[gamma.length];
          int size = kernel.length / gamma.length;
          for (int channel = 0; channel < gamma.length; channel++) {
            double scale =
                gamma[channel] / Math.sqrt(variance[channel] + Layers.BATCH_NORM_EPSILON);
            bias[channel] = (float) (beta[channel] - mean[channel] * scale);
            for (int i = channel * size; i < (channel + 1) * size; i++) {
              kernel[i] = (float) (kernel[i] * scale);
            }
          }
          values.put(convolution + ".weight", Tensor.of(kernels.shape(), kernel));
          values.put(convolution + ".bias", Tensor.of(List.of((long) bias.length), bias));
        });
    return values;
  }

  private static Tensor of(Map<String, Tensor> weights, String name) {
    Tensor tensor = weights.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("there is no tensor " + name);
    }
    return tensor;
  }
}
