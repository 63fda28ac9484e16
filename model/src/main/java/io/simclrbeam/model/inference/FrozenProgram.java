package io.simclrbeam.model.inference;

import ai.djl.Device;
import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.model.device.OneDnn;
import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.encoder.EncoderProgram;
import io.simclrbeam.model.network.Convolution;
import io.simclrbeam.model.network.Layers;
import io.simclrbeam.model.network.ModuleLayers;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.ScriptWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The encoder as it is applied: each BatchNorm is folded into the convolution before it, which
 * saves a pass over its output.
 *
 * @param encoder f
 * @param imageSize side of its input in pixels
 * @param normalization of the input
 * @param precision the arithmetic of convolutions
 * @param fused whether convolutions are oneDNN's, which do at once what follows them; x86
 *     processors have these; those of int8 always are
 */
public record FrozenProgram(
    Encoder encoder,
    int imageSize,
    Normalization normalization,
    Precision precision,
    boolean fused) {
  /**
   * The method of a fused program that must be called once before the others: {@code forward}, on
   * images such as those that will follow, which converts weights to the layout that suits them.
   */
  public static final String PACK = "pack";

  /**
   * Checks that int8 is fused.
   *
   * @throws IllegalArgumentException if it is not
   */
  public FrozenProgram {
    if (precision == Precision.INT8 && !fused) {
      throw new IllegalArgumentException("only oneDNN's convolutions compute in int8");
    }
  }

  /** Returns whether libtorch has oneDNN's convolutions of x86 processors there, and sound ones. */
  public static boolean isFusedOn(Device device, Precision precision) {
    String architecture = System.getProperty("os.arch");
    return !device.isGpu()
        && (architecture.equals("amd64") || architecture.equals("x86_64"))
        && switch (precision) {
          case FP32 -> OneDnn.isSound();
          case BF16 -> ComputeDevice.hasFastBf16(device);
          case INT8 -> ComputeDevice.hasFastInt8(device);
        };
  }

  /**
   * Returns whether an encoder can be computed in int8: whether it consists of convolutions, up to
   * what it computes in float32 in the end.
   */
  public static boolean isQuantizable(Encoder encoder, int imageSize) {
    return EncoderGraph.of(encoder, imageSize).isAllConvolutions();
  }

  /**
   * Writes the program; {@code forward} is as in {@link EncoderProgram#write}, but takes only uint8
   * in int8.
   */
  public ScriptProgram write() {
    ScriptWriter script = new ScriptWriter();
    if (fused) {
      write(script, PACK, true);
    }
    write(script, "forward", false);
    return script.program();
  }

  private void write(ScriptWriter script, String method, boolean packing) {
    Layers layers;
    String images;
    if (precision == Precision.INT8) {
      int channels = EncoderGraph.of(encoder, imageSize).channels();
      layers = new QuantizedLayers(script, channels, packing);
      images = EncoderGraph.IMAGES;
    } else {
      layers =
          fused ? new FusedLayers(script, precision, packing) : new FoldedLayers(script, precision);
      images = script.let("%s", precision.operand(EncoderProgram.input(script, normalization)));
    }
    String result = encoder.write(layers, images, imageSize);
    script.method(method, List.of(EncoderGraph.IMAGES + ": Tensor"), "Tensor", result);
  }

  /**
   * Returns the values of the program's tensors. Those of other layers than convolutions stay as
   * they are; those of convolutions become {@code w * gamma / sqrt(variance + epsilon)} and {@code
   * beta - mean * gamma / sqrt(variance + epsilon)}, for each channel; in int8, what {@link
   * Quantization} makes of them.
   *
   * @param weights of the encoder, under torchvision's names
   */
  public Map<String, Tensor> fold(Map<String, Tensor> weights) {
    EncoderGraph graph = EncoderGraph.of(encoder, imageSize);
    Map<String, Tensor> values = new LinkedHashMap<>(weights);
    for (EncoderGraph.Step step : graph.steps()) {
      Convolution convolution = step.convolution();
      String norm = convolution.norm();
      float[] gamma = of(weights, norm + ".weight").toFloats();
      float[] beta = of(weights, norm + ".bias").toFloats();
      float[] mean = of(weights, norm + ".running_mean").toFloats();
      float[] variance = of(weights, norm + ".running_var").toFloats();
      float[] kernel = of(weights, convolution.weight()).toFloats();
      float[] bias = new float[gamma.length];
      int size = kernel.length / gamma.length;
      for (int channel = 0; channel < gamma.length; channel++) {
        double scale =
            gamma[channel] / Math.sqrt(variance[channel] + ModuleLayers.BATCH_NORM_EPSILON);
        bias[channel] = (float) (beta[channel] - mean[channel] * scale);
        for (int i = channel * size; i < (channel + 1) * size; i++) {
          kernel[i] = (float) (kernel[i] * scale);
        }
      }
      values.put(convolution.weight(), Tensor.of(convolution.weightShape(), kernel));
      values.put(convolution.bias(), Tensor.of(convolution.channelShape(), bias));
    }
    if (precision == Precision.INT8) {
      values.putAll(new Quantization(graph, normalization, weights).tensors(values));
    }
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
