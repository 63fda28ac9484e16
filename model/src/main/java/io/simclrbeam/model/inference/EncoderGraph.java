package io.simclrbeam.model.inference;

import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.network.Convolution;
import io.simclrbeam.model.network.Layers;
import io.simclrbeam.model.torchscript.ScriptWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The convolutions of an encoder and what flows between them, found by having it written. */
final class EncoderGraph implements Layers {
  /** The variable with the images. */
  static final String IMAGES = "images";

  private final ScriptWriter script = new ScriptWriter();
  private final List<Step> steps = new ArrayList<>();
  private final Map<String, String> pooled = new HashMap<>();
  private @Nullable String result;

  private EncoderGraph() {}

  /**
   * A convolution with its BatchNorm and what follows.
   *
   * @param convolution what is computed
   * @param input the variable that it reads
   * @param output the variable that it makes
   * @param relu whether max(0, x) comes last
   * @param shortcut the variable that is added before, or null
   */
  record Step(
      Convolution convolution,
      String input,
      String output,
      boolean relu,
      @Nullable String shortcut) {}

  static EncoderGraph of(Encoder encoder) {
    EncoderGraph graph = new EncoderGraph();
    encoder.write(graph, IMAGES);
    return graph;
  }

  /** Returns the convolutions in the order of their computation. */
  List<Step> steps() {
    return steps;
  }

  /** Returns the output of a convolution that max pooling made a variable from, or the variable. */
  String source(String variable) {
    return pooled.getOrDefault(variable, variable);
  }

  /** Returns the variable that becomes float32 in the end. */
  String result() {
    return Objects.requireNonNull(result);
  }

  @Override
  public ScriptWriter script() {
    return script;
  }

  @Override
  public String convolution(Convolution c, String x) {
    return step(c, x, false, null);
  }

  @Override
  public String convolutionRelu(Convolution c, String x) {
    return step(c, x, true, null);
  }

  @Override
  public String convolutionAddRelu(Convolution c, String x, Supplier<String> shortcut) {
    return step(c, x, true, shortcut.get());
  }

  private String step(Convolution c, String x, boolean relu, @Nullable String shortcut) {
    String output = script.let("%s", c.name());
    steps.add(new Step(c, x, output, relu, shortcut));
    return output;
  }

  @Override
  public String maxPool(String x) {
    String output = script.let("%s", x);
    pooled.put(output, x);
    return output;
  }

  @Override
  public String toFloat(String x) {
    result = x;
    return x;
  }
}
