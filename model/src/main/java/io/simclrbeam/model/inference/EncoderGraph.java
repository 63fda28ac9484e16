package io.simclrbeam.model.inference;

import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.network.Convolution;
import io.simclrbeam.model.network.Layers;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.torchscript.ScriptWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The convolutions of an encoder and what flows between them, found by having it written. Other
 * layers are passed over.
 */
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

  static EncoderGraph of(Encoder encoder, int imageSize) {
    EncoderGraph graph = new EncoderGraph();
    String h = encoder.write(graph, IMAGES, imageSize);
    graph.script.method("forward", List.of(), "Tensor", h);
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

  /** Returns the number of channels of {@link #result}. */
  int channels() {
    return steps.stream()
        .filter(step -> step.output().equals(source(result())))
        .mapToInt(step -> step.convolution().out())
        .findFirst()
        .orElseThrow();
  }

  /**
   * Returns whether only convolutions and max pooling lie between the images and one conversion to
   * float32, so that all that flows there can be integers.
   */
  boolean isAllConvolutions() {
    Set<String> known = new HashSet<>(pooled.keySet());
    for (Step step : steps) {
      known.add(step.output());
    }
    boolean allKnown =
        steps.stream()
            .allMatch(step -> step.input().equals(IMAGES) || known.contains(step.input()));
    known.add(IMAGES);
    return !steps.isEmpty()
        && allKnown
        && result != null
        && known.contains(result)
        && known.stream().noneMatch(this::isReadByOthers);
  }

  /** This class never writes what a layer reads; so who reads one of its variables is another. */
  private boolean isReadByOthers(String variable) {
    Pattern read =
        Pattern.compile("^(?!\\s*%1$s = ).*\\b%1$s\\b".formatted(variable), Pattern.MULTILINE);
    return script.program().methods().stream().anyMatch(code -> read.matcher(code).find());
  }

  @Override
  public ScriptWriter script() {
    return script;
  }

  @Override
  public Precision precision() {
    return Precision.FP32;
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
    String output = script.let("convolution");
    steps.add(new Step(c, x, output, relu, shortcut));
    return output;
  }

  @Override
  public String maxPool(String x) {
    String output = script.let("pooled");
    pooled.put(output, x);
    return output;
  }

  @Override
  public String toFloat(String x) {
    result = result == null ? x : null; // two of them are more than one result
    return script.let("float");
  }
}
