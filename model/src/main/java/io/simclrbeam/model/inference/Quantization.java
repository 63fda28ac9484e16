package io.simclrbeam.model.inference;

import io.simclrbeam.model.inference.EncoderGraph.Step;
import io.simclrbeam.model.network.Convolution;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * An encoder's tensors in 8-bit integers, a function of its weights alone.
 *
 * <p>An integer q of an activation stands for q times its channel's scale; the kernels are those
 * that map integers to integers, with 127 levels on either side for each output channel. What
 * rounding the kernels would add to an output on average is taken from the bias (Nagel et al.,
 * arXiv 1906.04721, section 4.2). As the scale of each channel is its own, a channel of small
 * values is as fine as one of large ones (section 4.1, where weights are equalized to that end).
 * The scales of activations that are added are in proportion, as one number then makes the ones of
 * the others; the proportions are those of the last sum, where values are largest.
 */
final class Quantization {
  /** The integer that stands for 0 where values may be negative. */
  static final int ZERO_POINT = 128;

  /** The name of the pixels around an image {@code [1, 3, 1, 1]}. */
  static final String PADDING = "padding";

  /** The name of the scales of the last activation {@code [1, D, 1, 1]}. */
  static final String SCALE = "scale";

  private static final int ACTIVATION_LEVELS = 255;
  private static final int SIGNED_LEVELS = 127;

  /** No channel's scale is a smaller part of the greatest one's; some channels are always 0. */
  private static final double SMALLEST_SCALE = 1e-3;

  private final EncoderGraph graph;
  private final Normalization normalization;
  private final Map<String, Tensor> weights;
  private final Map<String, List<ActivationRange>> ranges = new HashMap<>();
  private final Map<String, double[]> scales = new HashMap<>();

  /**
   * Finds ranges and scales.
   *
   * @param graph of the encoder
   * @param normalization of its input
   * @param weights under torchvision's names
   */
  Quantization(EncoderGraph graph, Normalization normalization, Map<String, Tensor> weights) {
    this.graph = graph;
    this.normalization = normalization;
    this.weights = weights;
    graph.steps().forEach(step -> ranges.put(step.output(), ranges(step)));
    Map<String, double[]> profiles = new HashMap<>();
    for (int i = graph.steps().size() - 1; i >= 0; i--) {
      Step step = graph.steps().get(i);
      double[] max = of(ranges, step.output()).stream().mapToDouble(ActivationRange::max).toArray();
      double[] profile = profiles.computeIfAbsent(step.output(), name -> profile(max));
      if (step.shortcut() != null) {
        profiles.put(graph.source(step.shortcut()), profile);
      }
      int levels = step.relu() ? ACTIVATION_LEVELS : SIGNED_LEVELS;
      scales.put(step.output(), scales(max, profile, levels));
    }
  }

  /** Returns values above 0 that scales may be proportional to. */
  private static double[] profile(double[] max) {
    double most = Arrays.stream(max).max().orElseThrow();
    return Arrays.stream(max)
        .map(value -> most == 0 ? 1 : Math.max(value, most * SMALLEST_SCALE))
        .toArray();
  }

  /** Returns the smallest scales in proportion to the profile that reach the greatest values. */
  private static double[] scales(double[] max, double[] profile, int levels) {
    double factor = 0;
    for (int channel = 0; channel < max.length; channel++) {
      factor = Math.max(factor, max[channel] / profile[channel]);
    }
    double factorOrOne = factor == 0 ? 1 : factor;
    return Arrays.stream(profile).map(value -> value * factorOrOne / levels).toArray();
  }

  private List<ActivationRange> ranges(Step step) {
    String norm = step.convolution().norm();
    float[] beta = of(weights, norm + ".bias").toFloats();
    float[] gamma = of(weights, norm + ".weight").toFloats();
    List<ActivationRange> added = step.shortcut() == null ? List.of() : ranges(step.shortcut());
    List<ActivationRange> channels = new ArrayList<>();
    for (int channel = 0; channel < beta.length; channel++) {
      ActivationRange range = ActivationRange.ofNorm(beta[channel], gamma[channel]);
      if (!added.isEmpty()) {
        range = range.plus(added.get(channel));
      }
      channels.add(step.relu() ? range.relu() : range);
    }
    return channels;
  }

  /** Returns the ranges of an activation's channels. */
  List<ActivationRange> ranges(String variable) {
    String source = graph.source(variable);
    List<ActivationRange> channels = of(ranges, source);
    return source.equals(variable)
        ? channels
        : channels.stream().map(ActivationRange::maxPool).toList();
  }

  /** Returns the scales of an activation's channels. */
  double[] scales(String variable) {
    return of(scales, graph.source(variable));
  }

  /** Returns the name of what the sums of a convolution are multiplied by {@code [out]}. */
  static String multiplier(Convolution c) {
    return c.name() + ".multiplier";
  }

  /** Returns the name of what a shortcut is multiplied by before it is added {@code []}. */
  static String shortcut(Convolution c) {
    return c.name() + ".shortcut";
  }

  /**
   * Returns the values of the tensors of {@link QuantizedLayers}; kernels are integers as float32.
   *
   * @param folded kernels and biases that BatchNorms were folded into
   */
  Map<String, Tensor> tensors(Map<String, Tensor> folded) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Step step : graph.steps()) {
      put(step, folded, tensors);
    }
    float[] padding = new float[normalization.mean().size()];
    for (int channel = 0; channel < padding.length; channel++) {
      padding[channel] = Math.round(255 * normalization.mean().get(channel));
    }
    tensors.put(PADDING, Tensor.of(List.of(1L, (long) padding.length, 1L, 1L), padding));
    double[] last = scales(graph.result());
    float[] scale = new float[last.length];
    for (int channel = 0; channel < scale.length; channel++) {
      scale[channel] = (float) last[channel];
    }
    tensors.put(SCALE, Tensor.of(List.of(1L, (long) scale.length, 1L, 1L), scale));
    return tensors;
  }

  private void put(Step step, Map<String, Tensor> folded, Map<String, Tensor> tensors) {
    Convolution c = step.convolution();
    boolean first = step.input().equals(EncoderGraph.IMAGES);
    double[] in = first ? pixelScales() : scales(step.input());
    double[] mean =
        first
            ? new double[c.in()]
            : ranges(step.input()).stream().mapToDouble(ActivationRange::mean).toArray();
    double[] zeros = first ? zeroPixels() : new double[c.in()];
    double[] out = scales(step.output());
    float[] kernels = of(folded, c.weight()).toFloats();
    float[] bias = of(folded, c.bias()).toFloats();
    float[] multipliers = new float[c.out()];
    int area = c.kernel() * c.kernel();
    for (int channel = 0; channel < c.out(); channel++) {
      int from = channel * c.in() * area;
      int to = from + c.in() * area;
      double most = 0;
      for (int i = from; i < to; i++) {
        most = Math.max(most, Math.abs(kernels[i] * in[(i - from) / area]));
      }
      double unit = most == 0 ? 1 : most / SIGNED_LEVELS;
      double shift = 0;
      for (int i = from; i < to; i++) {
        int source = (i - from) / area;
        double integer = Math.rint(kernels[i] * in[source] / unit);
        double error = integer * unit / in[source] - kernels[i];
        shift += error * mean[source] + integer * unit * zeros[source];
        kernels[i] = (float) integer;
      }
      bias[channel] = (float) ((bias[channel] - shift) / out[channel]);
      multipliers[channel] = (float) (unit / out[channel]);
    }
    tensors.put(c.weight(), Tensor.of(c.weightShape(), kernels));
    tensors.put(c.bias(), Tensor.of(c.channelShape(), bias));
    tensors.put(multiplier(c), Tensor.of(c.channelShape(), multipliers));
    if (step.shortcut() != null) {
      double scale = scales(step.shortcut())[0]; // of all channels the same multiple of out
      tensors.put(shortcut(c), Tensor.of(List.of(), (float) (scale / out[0])));
    }
  }

  /** What a pixel value more is worth, once it is normalized. */
  private double[] pixelScales() {
    return normalization.std().stream().mapToDouble(d -> 1 / (255 * d)).toArray();
  }

  /** The pixel values that are 0, once they are normalized. */
  private double[] zeroPixels() {
    return normalization.mean().stream().mapToDouble(mean -> 255 * mean).toArray();
  }

  private static <T> T of(Map<String, T> values, String name) {
    return Objects.requireNonNull(values.get(name), name);
  }
}
