package io.simclrbeam.model.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import io.simclrbeam.model.network.Golden;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.network.Programs;
import io.simclrbeam.model.tensor.Safetensors;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.tensor.TensorType;
import io.simclrbeam.model.torchscript.LoadedProgram;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares with networks of torchvision and timm; see golden_init.py. */
final class GivenWeightsTest {
  private static final VisionTransformer TRANSFORMER =
      new VisionTransformer(VisionTransformer.Scale.TI, 8, false);
  private static final String BLOCK = "encoder.layers.encoder_layer_3.";

  private static ResNet resnet(ResNet.Depth depth, ResNet.Stem stem, double width) {
    return new ResNet(depth, stem, width, true);
  }

  private static ResNet tiny() {
    return resnet(ResNet.Depth.RESNET18, ResNet.Stem.CIFAR, 1.0 / 64);
  }

  /** A file as this project writes it, its tensors without data. */
  private static Map<String, Tensor> file(Encoder encoder, int imageSize) {
    Map<String, Tensor> file = new LinkedHashMap<>();
    for (TensorSpec spec :
        new EncoderProgram(encoder, imageSize, Normalization.NONE).write().tensors()) {
      file.put(
          spec.name(),
          Tensor.computed(
              TensorType.FLOAT32,
              spec.shape(),
              () -> GoldenEncoder.weight(spec.name(), spec.shape(), TensorType.FLOAT32).data()));
    }
    return file;
  }

  private static Map<String, Tensor> renamed(
      Map<String, Tensor> file, UnaryOperator<String> renaming) {
    Map<String, Tensor> result = new LinkedHashMap<>();
    file.forEach((name, tensor) -> result.put(renaming.apply(name), tensor));
    return result;
  }

  private static Map<String, Tensor> timm() throws IOException {
    Map<String, Tensor> file = new LinkedHashMap<>();
    Golden.read("init.json")
        .get("timm")
        .get("shapes")
        .properties()
        .forEach(
            entry -> {
              List<Long> shape = new ArrayList<>();
              entry.getValue().forEach(size -> shape.add(size.asLong()));
              file.put(
                  entry.getKey(), GoldenEncoder.weight(entry.getKey(), shape, TensorType.FLOAT32));
            });
    return file;
  }

  @Test
  void aTransformerOfTimmComputesTheSame() throws IOException {
    GivenWeights weights = GivenWeights.of(timm(), TRANSFORMER, 32);
    assertThat(weights.leftOut()).containsExactly("head.weight", "head.bias");
    assertThat(weights.describe()).isEqualTo("150 tensors; left out: head.weight, head.bias");
    assertComputes(TRANSFORMER, weights, "timm");
  }

  @Test
  void aNetworkOfTorchvisionInHalfPrecisionComputesTheSame() throws IOException {
    ResNet encoder = resnet(ResNet.Depth.RESNET18, ResNet.Stem.IMAGENET, 1.0 / 32);
    try (InputStream in =
        GivenWeightsTest.class.getResourceAsStream("/init/resnet18.safetensors")) {
      Map<String, Tensor> file = Safetensors.read(Objects.requireNonNull(in));
      assertThat(file.get("module.bn1.weight").type()).isEqualTo(TensorType.FLOAT16);
      GivenWeights weights = GivenWeights.of(file, encoder, 32);
      assertThat(weights.describe())
          .isEqualTo(
              "100 tensors, whose names begin with module.; left out: module.fc.weight,"
                  + " module.fc.bias");
      assertComputes(encoder, weights, "resnet");
    }
  }

  private static void assertComputes(Encoder encoder, GivenWeights weights, String golden)
      throws IOException {
    JsonNode expected = Golden.read("init.json").get(golden);
    ScriptProgram script =
        new EncoderProgram(encoder, expected.get("size").asInt(), Normalization.NONE).write();
    try (LoadedProgram program = Programs.load(script, weights.tensors());
        NDManager manager = program.newManager()) {
      NDArray pixels = GoldenEncoder.images(expected, manager);
      float[] output = program.call("forward", manager, pixels).get(0).toFloatArray();
      assertThat(output).containsExactly(Golden.floats(expected.get("output")), within(2e-4f));
    }
  }

  static Stream<JsonNode> positions() throws IOException {
    return StreamSupport.stream(Golden.read("init.json").get("positions").spliterator(), false);
  }

  @ParameterizedTest
  @MethodSource("positions")
  void positionsAreInterpolatedAsByTorchvision(JsonNode golden) {
    long from = golden.get("from").asLong();
    long to = golden.get("to").asLong();
    Tensor given = Tensor.of(List.of(1L, 1 + from * from, 2L), Golden.floats(golden.get("given")));
    Tensor resized = PositionGrid.resize(given, List.of(1L, 1 + to * to, 2L)).orElseThrow();
    assertThat(resized.toFloats())
        .containsExactly(Golden.floats(golden.get("resized")), within(2e-6f));
  }

  @Test
  void aTransformerMayHaveSeenAnotherNumberOfPatches() {
    Map<String, Tensor> file = file(TRANSFORMER, 24);
    GivenWeights weights = GivenWeights.of(file, TRANSFORMER, 32);
    assertThat(weights.describe())
        .isEqualTo(
            "150 tensors, encoder.pos_embedding interpolated from [1, 10, 192] to [1, 17, 192]");
    float[] given = file.get("encoder.pos_embedding").toFloats();
    float[] taken = weights.tensors().get("encoder.pos_embedding").toFloats();
    for (int i = 0; i < 192; i++) {
      assertThat(taken[i]).isEqualTo(given[i]); // the class token
      assertThat(taken[192 + i]).isEqualTo(given[192 + i]); // and the corners stay
      assertThat(taken[16 * 192 + i]).isEqualTo(given[9 * 192 + i]);
    }
  }

  /** With the token of DeiT's distillation, and without a class token. */
  @ParameterizedTest
  @ValueSource(longs = {18, 16, 1})
  void positionsThatAreNoGridAreRefused(long tokens) {
    Map<String, Tensor> file = file(TRANSFORMER, 32);
    file.put(
        "encoder.pos_embedding",
        Tensor.of(List.of(1L, tokens, 192L), new float[192 * (int) tokens]));
    assertThatThrownBy(() -> GivenWeights.of(file, TRANSFORMER, 32))
        .hasMessage(
            "  of another shape or type: encoder.pos_embedding is [1, %d, 192], but must be [1, 17, 192]"
                .formatted(tokens));
  }

  @ParameterizedTest
  @CsvSource({
    "cls_token, class_token",
    "pos_embed, encoder.pos_embedding",
    "patch_embed.proj.weight, conv_proj.weight",
    "norm.bias, encoder.ln.bias",
    "blocks.3.norm1.weight, encoder.layers.encoder_layer_3.ln_1.weight",
    "blocks.11.attn.qkv.bias, encoder.layers.encoder_layer_11.self_attention.in_proj_bias",
    "blocks.0.attn.proj.weight, encoder.layers.encoder_layer_0.self_attention.out_proj.weight",
    "blocks.0.mlp.fc2.bias, encoder.layers.encoder_layer_0.mlp.3.bias",
    "encoder.layers.encoder_layer_3.mlp.linear_1.weight, encoder.layers.encoder_layer_3.mlp.0.weight",
    "encoder.layers.encoder_layer_3.mlp.linear_2.bias, encoder.layers.encoder_layer_3.mlp.3.bias",
    "head.weight, head.weight",
    "norms.weight, norms.weight"
  })
  void namesOfOthersAreTranslated(String theirs, String ours) {
    assertThat(TRANSFORMER.translate(theirs)).isEqualTo(ours);
    assertThat(TRANSFORMER.translate(ours)).isEqualTo(ours);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "module.", "backbone.", "encoder.", "module.encoder.", "_model."})
  void namesMayHaveAPrefix(String prefix) {
    for (Encoder encoder : List.of(tiny(), TRANSFORMER)) {
      Map<String, Tensor> plain = file(encoder, 32);
      Map<String, Tensor> file = renamed(plain, name -> prefix + name);
      file.put("projector.0.weight", Tensor.of(List.of(1L), 1f));
      GivenWeights weights = GivenWeights.of(file, encoder, 32);
      assertThat(weights.prefix()).isEqualTo(prefix);
      assertThat(weights.leftOut()).containsExactly("projector.0.weight");
      assertThat(weights.tensors()).containsExactlyEntriesOf(plain);
    }
  }

  @Test
  void whatTheOptimizerKeepsOfATensorIsNotTheTensor() {
    Map<String, Tensor> file = renamed(file(TRANSFORMER, 32), name -> "optimizer.mean." + name);
    Map<String, Tensor> plain = file(TRANSFORMER, 32);
    file.putAll(plain);
    assertThat(GivenWeights.of(file, TRANSFORMER, 32).tensors()).containsExactlyEntriesOf(plain);
  }

  @Test
  void aFileOfTwoEncodersIsRefused() {
    Map<String, Tensor> file = renamed(file(tiny(), 32), name -> "encoder_q." + name);
    file.putAll(renamed(file(tiny(), 32), name -> "encoder_k." + name));
    assertThatThrownBy(() -> GivenWeights.of(file, tiny(), 32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("it has several encoders, encoder_k., encoder_q.; leave one of them in it");
  }

  @Test
  void allTypesOfFloatsBecomeFloat32() {
    Map<String, Tensor> file = file(tiny(), 32);
    file.put("bn1.weight", Tensor.of(List.of(1L), 0.1));
    assertThat(GivenWeights.of(file, tiny(), 32).tensors().get("bn1.weight"))
        .returns(TensorType.FLOAT32, Tensor::type)
        .satisfies(tensor -> assertThat(tensor.toFloats()).containsExactly(0.1f));

    file.put("bn1.weight", Tensor.scalar(1));
    assertThatThrownBy(() -> GivenWeights.of(file, tiny(), 32))
        .hasMessage("  of another shape or type: bn1.weight is of integers");
  }

  @Test
  void everythingThatDoesNotFitIsSaid() {
    Map<String, Tensor> file = file(tiny(), 32);
    file.remove("bn1.running_var");
    file.remove("layer4.1.conv2.weight");
    file.put("conv1.weight", Tensor.of(List.of(1L, 3L, 7L, 7L), new float[147]));
    file.put("layer1.2.conv1.weight", Tensor.of(List.of(1L), 1f)); // as of a ResNet-34
    file.put("layer1.2.bn1.num_batches_tracked", Tensor.scalar(3));
    file.put("fc.weight", Tensor.of(List.of(1L), 1f));
    assertThatThrownBy(() -> GivenWeights.of(file, tiny(), 32))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .isEqualToNormalizingNewlines(
            """
              it lacks 2 of 100 tensors: bn1.running_var, layer4.1.conv2.weight
              of another shape or type: conv1.weight is [1, 3, 7, 7], but must be [1, 3, 3, 3]
              of layers that the network does not have: layer1.2.conv1.weight
              also in it: fc.weight"""
                .indent(2)
                .stripTrailing());
  }

  /** LayerScale and registers of DINOv2, and what CLIP and DeiT have; a mask is no part of it. */
  @ParameterizedTest
  @CsvSource({
    "blocks.3.ls1.gamma, true",
    "encoder.layers.encoder_layer_3.ls1.gamma, true",
    "encoder.layers.encoder_layer_12.ln_1.weight, true",
    "register_tokens, true",
    "reg_token, true",
    "dist_token, true",
    "norm_pre.weight, true",
    "patch_embed.norm.weight, true",
    "cls_token, true",
    "mask_token, false",
    "decoder_blocks.0.norm1.weight, false"
  })
  void aNetworkWithMoreInItIsAnother(String name, boolean refused) {
    Map<String, Tensor> file = file(TRANSFORMER, 32);
    file.put(name, Tensor.of(List.of(1L), 1f));
    if (refused) {
      assertThatThrownBy(() -> GivenWeights.of(file, TRANSFORMER, 32))
          .hasMessageContaining("of layers that the network does not have: " + name);
    } else {
      assertThat(GivenWeights.of(file, TRANSFORMER, 32).leftOut()).containsExactly(name);
    }
  }

  @Test
  void listsAreShortAndOfOneLine() {
    Map<String, Tensor> file = file(tiny(), 32);
    for (int i = 0; i < 100; i++) {
      file.put("a\nname%03d".formatted(i) + "x".repeat(1000), Tensor.of(List.of(1L), 1f));
    }
    String text = GivenWeights.of(file, tiny(), 32).describe();
    assertThat(text).contains("a?name009xxx").doesNotContain("name010").endsWith(" and 90 more");
    assertThat(text).hasLineCount(1).hasSizeLessThan(2000);

    assertThatThrownBy(() -> GivenWeights.of(Map.of(), TRANSFORMER, 32))
        .hasMessageContaining("it lacks 150 of 150 tensors: class_token,")
        .hasMessageEndingWith(" and 140 more");
  }

  @Test
  void theTensorsOfABlockAreAllTaken() throws IOException {
    Map<String, Tensor> file = timm();
    GivenWeights weights = GivenWeights.of(file, TRANSFORMER, 32);
    assertThat(weights.tensors().get(BLOCK + "self_attention.in_proj_weight").toFloats())
        .isEqualTo(file.get("blocks.3.attn.qkv.weight").toFloats());
    assertThat(weights.tensors().get(BLOCK + "mlp.3.bias").toFloats())
        .isEqualTo(file.get("blocks.3.mlp.fc2.bias").toFloats());
  }
}
