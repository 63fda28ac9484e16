package io.simclrbeam.model.network;

import io.simclrbeam.model.torchscript.Initialization;
import io.simclrbeam.model.torchscript.ScriptWriter;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import java.util.List;
import java.util.function.Supplier;

/**
 * Writes the layers that encoders are made of. Each takes the variable with its input and returns
 * the variable with its output. Values flow in the arithmetic of {@link #precision} until {@link
 * #toFloat}.
 *
 * <p>Convolutions are abstract, as compiled inference has its own. All other layers are written in
 * one way. Images are {@code [N, C, H, W]}, channels-last in memory; tokens are {@code [N, T, D]}.
 * What is added up over many layers, such as a transformer's tokens, is best kept as float32.
 *
 * <pre>{@code
 * String y = layers.layerNorm(tokens, "ln", 384, 1e-6);
 * y = layers.linear(Linear.of("mlp", 384, 384, true), y);
 * tokens = layers.script().let("torch.add(%s, %s)", tokens, y);
 * }</pre>
 */
public interface Layers {
  /** Returns where statements go. */
  ScriptWriter script();

  /** Returns the arithmetic of convolutions and matrix products. */
  Precision precision();

  /** Writes a convolution and the BatchNorm after it. */
  String convolution(Convolution c, String x);

  /** Writes the same, and max(0, x) after it. */
  String convolutionRelu(Convolution c, String x);

  /**
   * Writes the same, and adds what {@code shortcut} writes before max(0, x). The shortcut must not
   * be needed again.
   */
  String convolutionAddRelu(Convolution c, String x, Supplier<String> shortcut);

  /** Writes the maximum of 3 x 3, padded by 1, at every second place. No input is negative. */
  default String maxPool(String x) {
    return script().let("torch.max_pool2d(%s, [3, 3], [2, 2], [1, 1], [1, 1], False)", x);
  }

  /**
   * Returns the expressions of BatchNorm's running statistics and of whether to use the batch's.
   */
  default BatchStatistics batchStatistics(String mean, String variance) {
    return new BatchStatistics(mean, variance, "False", ModuleLayers.BATCH_NORM_MOMENTUM);
  }

  /**
   * Which statistics BatchNorm uses.
   *
   * @param mean the expression of the running mean, or {@code None}
   * @param variance the expression of the running variance, or {@code None}
   * @param ofBatch the expression of whether the batch's statistics are used
   * @param momentum the expression of the batch's share in the running statistics after it
   */
  record BatchStatistics(String mean, String variance, String ofBatch, String momentum) {}

  /**
   * Writes batch normalization over all axes but the second, torch.nn.BatchNorm2d's.
   *
   * @param gamma what the scale starts with
   * @param beta whether there is a shift too, which starts with 0
   */
  default String batchNorm(
      String x, String name, int channels, Initialization gamma, boolean beta) {
    List<Long> shape = List.of((long) channels);
    String weight = script().tensor(name + ".weight", shape, Role.UNREGULARIZED, gamma);
    String bias =
        beta
            ? script().tensor(name + ".bias", shape, Role.UNREGULARIZED, Initialization.ZEROS)
            : "None";
    BatchStatistics statistics =
        batchStatistics(
            script().tensor(name + ".running_mean", shape, Role.BUFFER, Initialization.ZEROS),
            script().tensor(name + ".running_var", shape, Role.BUFFER, Initialization.ONES));
    return script()
        .let(
            "torch.batch_norm(%s, %s, %s, %s, %s, %s, %s, %s, True)",
            x,
            weight,
            bias,
            statistics.mean,
            statistics.variance,
            statistics.ofBatch,
            statistics.momentum,
            ModuleLayers.BATCH_NORM_EPSILON);
  }

  /** Writes a fully connected layer on float32 or on an operand. */
  default String linear(Linear l, String x) {
    String weight = script().tensor(l.weight(), l.weightShape(), Role.WEIGHT, l.initialization());
    String added =
        l.bias() == null
            ? "None"
            : precision()
                .operand(
                    script()
                        .tensor(
                            l.bias(),
                            List.of((long) l.out()),
                            Role.UNREGULARIZED,
                            Initialization.ZEROS));
    return script()
        .let(
            "torch.linear(%s, %s, %s)", precision().operand(x), precision().operand(weight), added);
  }

  /**
   * Writes layer normalization over the last axis, torch.nn.LayerNorm's (Ba et al., arXiv
   * 1607.06450). It is computed in float32 and stays so.
   */
  default String layerNorm(String x, String name, int size, double epsilon) {
    List<Long> shape = List.of((long) size);
    String weight =
        script().tensor(name + ".weight", shape, Role.UNREGULARIZED, Initialization.ONES);
    String bias = script().tensor(name + ".bias", shape, Role.UNREGULARIZED, Initialization.ZEROS);
    return script()
        .let(
            "torch.layer_norm(%s, [%d], %s, %s, %s)",
            precision().toFloat(x), size, weight, bias, epsilon);
  }

  /** Writes max(0, x), in place: whatever made x must not need it again. */
  default String relu(String x) {
    return script().let("torch.relu_(%s)", x);
  }

  /** Writes x times the normal distribution's share below x (Hendrycks, arXiv 1606.08415). */
  default String gelu(String x) {
    return script().let("torch.gelu(%s)", x);
  }

  /**
   * Writes scaled dot-product attention {@code softmax(q k^T / sqrt(d)) v} (Vaswani et al., arXiv
   * 1706.03762, section 3.2.1).
   *
   * @param q queries {@code [N, heads, T, d]}
   * @param k keys {@code [N, heads, S, d]}
   * @param v values {@code [N, heads, S, d]}
   * @return {@code [N, heads, T, d]}
   */
  default String attention(String q, String k, String v) {
    return script().let("torch.scaled_dot_product_attention(%s, %s, %s)", q, k, v);
  }

  /**
   * Writes multi-head self-attention (the same, section 3.2.2), as torch.nn.MultiheadAttention.
   *
   * @param x tokens {@code [N, T, D]}
   * @param heads a divisor of D
   * @param in from D to 3 D: queries, keys and values
   * @param out from D to D, over the heads side by side
   * @return {@code [N, T, D]}
   */
  default String selfAttention(String x, int heads, Linear in, Linear out) {
    String all = linear(in, x);
    String byKind = // [3, N, heads, T, D / heads]
        script()
            .let(
                "torch.permute(torch.reshape(%s, [torch.size(%s, 0), -1, 3, %d, %d]), [2, 0, 3, 1, 4])",
                all, all, heads, out.in() / heads);
    String y =
        attention(
            script().let("torch.select(%s, 0, 0)", byKind),
            script().let("torch.select(%s, 0, 1)", byKind),
            script().let("torch.select(%s, 0, 2)", byKind));
    return linear(out, script().let("torch.flatten(torch.transpose(%s, 1, 2), 2)", y));
  }

  /**
   * Declares a parameter that no weight decay shrinks, such as a class token {@code [1, 1, D]} or
   * position embeddings {@code [1, T, D]}. It is float32.
   */
  default String parameter(String name, List<Long> shape, Initialization initialization) {
    return script().tensor(name, shape, Role.UNREGULARIZED, initialization);
  }

  /** Returns the values as float32. */
  default String toFloat(String x) {
    return script().let("%s", precision().toFloat(x));
  }
}
