package io.simclrbeam.model.encoder;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.simclrbeam.model.network.Layers;
import io.simclrbeam.model.network.Linear;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.torchscript.Initialization;
import io.simclrbeam.model.torchscript.ScriptWriter;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A vision transformer (Dosovitskiy et al., arXiv 2010.11929) without its classifier. Its
 * representation is the class token after the last LayerNorm. Tensors are named, and start, as in
 * torchvision's, but for the biases of the MLPs, which start with 0 rather than close to it.
 *
 * @param scale which of the networks
 * @param patch side of a patch in pixels; it divides the side of the image
 * @param fixedPatches whether the projection of patches stays as it starts, which keeps training
 *     stable (MoCo v3, arXiv 2104.02057, section 4.1)
 */
@JsonTypeName("vit")
public record VisionTransformer(Scale scale, int patch, boolean fixedPatches) implements Encoder {
  private static final int MLP_EXPANSION = 4;
  private static final double EPSILON = 1e-6;
  private static final String POSITIONS = "encoder.pos_embedding";
  private static final String BLOCK = "encoder.layers.encoder_layer_%s.";

  /**
   * What timm's VisionTransformer, and so DeiT, MAE and DINO, call what is beside the blocks. The
   * last ones are of networks that compute something else.
   */
  private static final List<Renaming> OUTSIDE =
      List.of(
          new Renaming("cls_token", "class_token"),
          new Renaming("pos_embed", POSITIONS),
          new Renaming("patch_embed.proj.", "conv_proj."),
          new Renaming("norm.", "encoder.ln."),
          new Renaming("patch_embed.", "conv_proj."),
          new Renaming("norm_pre.", "encoder.norm_pre."),
          new Renaming("dist_token", "encoder.dist_token"),
          new Renaming("reg_token", "encoder.reg_token"),
          new Renaming("register_tokens", "encoder.register_tokens"));

  /** Of timm's blocks, and of torchvision's as its files of weights have them. */
  private static final List<Renaming> INSIDE =
      List.of(
          new Renaming("norm1.", "ln_1."),
          new Renaming("attn.qkv.", "self_attention.in_proj_"),
          new Renaming("attn.proj.", "self_attention.out_proj."),
          new Renaming("norm2.", "ln_2."),
          new Renaming("mlp.fc1.", "mlp.0."),
          new Renaming("mlp.fc2.", "mlp.3."),
          new Renaming("mlp.linear_1.", "mlp.0."),
          new Renaming("mlp.linear_2.", "mlp.3."));

  private static final Pattern IN_BLOCK =
      Pattern.compile(
          "(?:blocks\\.|encoder\\.layers\\.encoder_layer_)(\\d+)\\.(.*)", Pattern.DOTALL);

  /** The start of a name, and what this network has instead. */
  private record Renaming(String from, String to) {
    static String apply(List<Renaming> renamings, String name) {
      return renamings.stream()
          .filter(renaming -> name.startsWith(renaming.from))
          .findFirst()
          .map(renaming -> renaming.to + name.substring(renaming.from.length()))
          .orElse(name);
    }
  }

  /** The networks of the paper's table 1, and the smaller ones of DeiT (arXiv 2012.12877). */
  public enum Scale {
    TI(192, 12, 3),
    S(384, 12, 6),
    B(768, 12, 12),
    L(1024, 24, 16);

    private final int width;
    private final int blocks;
    private final int heads;

    Scale(int width, int blocks, int heads) {
      this.width = width;
      this.blocks = blocks;
      this.heads = heads;
    }
  }

  /**
   * Checks the size of patches.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public VisionTransformer {
    if (patch < 1) {
      throw new IllegalArgumentException("patches have at least 1 pixel, but not " + patch);
    }
  }

  @Override
  public String name() {
    return "vit_%s_%d".formatted(scale.name().toLowerCase(Locale.ROOT), patch);
  }

  @Override
  public Optional<String> problem(int imageSize) {
    return imageSize % patch == 0
        ? Optional.empty()
        : Optional.of(
            "patches of %1$d x %1$d pixels do not fill an image of %2$d x %2$d"
                .formatted(patch, imageSize));
  }

  @Override
  public int dimension(int imageSize) {
    return scale.width;
  }

  /** Patches and the class token. */
  private long tokens(int imageSize) {
    long side = imageSize / patch;
    return side * side + 1;
  }

  /** What is most: the tokens, their norm, and an MLP's hidden layer before and after GELU. */
  @Override
  public long activations(int imageSize) {
    return (2 + 2 * MLP_EXPANSION) * tokens(imageSize) * scale.width;
  }

  @Override
  public String translate(String name) {
    Matcher block = IN_BLOCK.matcher(name);
    return block.matches()
        ? BLOCK.formatted(block.group(1)) + Renaming.apply(INSIDE, block.group(2))
        : Renaming.apply(OUTSIDE, name);
  }

  @Override
  public Optional<Tensor> reshape(String name, Tensor given, List<Long> shape) {
    return name.equals(POSITIONS) ? PositionGrid.resize(given, shape) : Optional.empty();
  }

  @Override
  public String write(Layers layers, String images, int imageSize) {
    ScriptWriter script = layers.script();
    long width = scale.width;
    String first = layers.parameter("class_token", List.of(1L, 1L, width), Initialization.ZEROS);
    String patches = patches(layers, images);
    String tokens =
        script.let(
            "torch.cat([torch.expand(%s, [torch.size(%s, 0), 1, %d]), %s], 1)",
            first, patches, width, patches);
    String positions =
        layers.parameter(
            POSITIONS, List.of(1L, tokens(imageSize), width), Initialization.SMALL_NORMAL);
    String x = script.let("torch.add(%s, %s)", tokens, positions);
    for (int block = 0; block < scale.blocks; block++) {
      x = block(layers, x, BLOCK.formatted(block));
    }
    String token = script.let("torch.select(%s, 1, 0)", x);
    return layers.layerNorm(token, "encoder.ln", scale.width, EPSILON);
  }

  /** Returns float32 {@code [N, T - 1, D]}, row by row of the image. */
  private String patches(Layers layers, String images) {
    ScriptWriter script = layers.script();
    long width = scale.width;
    String weight =
        script.tensor(
            "conv_proj.weight",
            List.of(width, 3L, (long) patch, (long) patch),
            fixedPatches ? Role.BUFFER : Role.WEIGHT,
            fixedPatches ? Initialization.XAVIER_UNIFORM : Initialization.LECUN_NORMAL);
    String bias =
        script.tensor(
            "conv_proj.bias",
            List.of(width),
            fixedPatches ? Role.BUFFER : Role.UNREGULARIZED,
            Initialization.ZEROS);
    String y =
        script.let(
            "torch.conv2d(%1$s, %2$s, %3$s, [%4$d, %4$d], [0, 0], [1, 1], 1)",
            images, layers.precision().operand(weight), layers.precision().operand(bias), patch);
    return layers.toFloat(script.let("torch.transpose(torch.flatten(%s, 2), 1, 2)", y));
  }

  private String block(Layers layers, String tokens, String name) {
    ScriptWriter script = layers.script();
    int width = scale.width;
    String y = layers.layerNorm(tokens, name + "ln_1", width, EPSILON);
    String x = script.let("torch.add(%s, %s)", tokens, attention(layers, y, name));
    y = layers.layerNorm(x, name + "ln_2", width, EPSILON);
    int hidden = MLP_EXPANSION * width;
    y = layers.gelu(layers.linear(xavier(name + "mlp.0.", width, hidden), y));
    y = layers.linear(xavier(name + "mlp.3.", hidden, width), y);
    return script.let("torch.add(%s, %s)", x, y);
  }

  private String attention(Layers layers, String x, String block) {
    int width = scale.width;
    String name = block + "self_attention.";
    return layers.selfAttention(
        x,
        scale.heads,
        xavier(name + "in_proj_", width, 3 * width),
        Linear.of(name + "out_proj", width, width, true));
  }

  private static Linear xavier(String prefix, int in, int out) {
    return new Linear(prefix + "weight", prefix + "bias", in, out, Initialization.XAVIER_UNIFORM);
  }
}
