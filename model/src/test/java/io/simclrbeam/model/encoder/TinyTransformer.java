package io.simclrbeam.model.encoder;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.simclrbeam.model.network.Layers;
import io.simclrbeam.model.network.Linear;
import io.simclrbeam.model.torchscript.Initialization;
import io.simclrbeam.model.torchscript.ScriptWriter;
import java.util.List;

/**
 * An encoder that only tests have: a vision transformer of one block (Dosovitskiy et al., arXiv
 * 2010.11929) with a class token and position embeddings.
 *
 * @param patch side of a patch in pixels
 * @param width size of a token
 * @param heads of the attention
 */
@JsonTypeName("tiny_transformer")
public record TinyTransformer(int patch, int width, int heads) implements Encoder {
  @Override
  public String name() {
    return "tiny_transformer";
  }

  @Override
  public int dimension(int imageSize) {
    return width;
  }

  private int tokens(int imageSize) {
    return (imageSize / patch) * (imageSize / patch) + 1;
  }

  @Override
  public long activations(int imageSize) {
    return 8L * tokens(imageSize) * width;
  }

  @Override
  public String write(Layers layers, String images, int imageSize) {
    ScriptWriter script = layers.script();
    int side = imageSize / patch;
    String grid =
        script.let("torch.reshape(%s, [-1, 3, %d, %d, %d, %d])", images, side, patch, side, patch);
    String patches =
        script.let(
            "torch.flatten(torch.flatten(torch.permute(%s, [0, 2, 4, 1, 3, 5]), 3), 1, 2)", grid);
    String embedded = layers.linear(Linear.of("patches", 3 * patch * patch, width, true), patches);
    String token =
        layers.parameter("class_token", List.of(1L, 1L, (long) width), Initialization.ONES);
    String all =
        script.let(
            "torch.cat([torch.expand(%s, [torch.size(%s, 0), 1, %d]), %s], 1)",
            token, embedded, width, embedded);
    String positions =
        layers.parameter(
            "positions",
            List.of(1L, (long) tokens(imageSize), (long) width),
            Initialization.LINEAR_UNIFORM);
    String x = script.let("torch.add(%s, %s)", all, positions);
    x =
        script.let(
            "torch.add(%s, %s)", x, attention(layers, layers.layerNorm(x, "ln1", width, 1e-6)));
    String y =
        layers.linear(
            Linear.of("mlp.0", width, 2 * width, true), layers.layerNorm(x, "ln2", width, 1e-6));
    y = layers.linear(Linear.of("mlp.1", 2 * width, width, true), layers.gelu(y));
    x = script.let("torch.add(%s, %s)", x, y);
    return script.let("torch.select(%s, 1, 0)", layers.layerNorm(x, "ln", width, 1e-6));
  }

  private String attention(Layers layers, String x) {
    return layers.selfAttention(
        x,
        heads,
        Linear.of("attention.in", width, 3 * width, true),
        Linear.of("attention.out", width, width, true));
  }
}
