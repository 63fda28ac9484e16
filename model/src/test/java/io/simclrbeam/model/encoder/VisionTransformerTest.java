package io.simclrbeam.model.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.simclrbeam.model.encoder.VisionTransformer.Scale;
import io.simclrbeam.model.inference.FrozenComparison;
import io.simclrbeam.model.inference.FrozenProgram;
import io.simclrbeam.model.network.Golden;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.TensorSpec;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import io.simclrbeam.model.train.TrainingSettings;
import java.io.IOException;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares with torchvision's network, whose weights here follow a formula. */
final class VisionTransformerTest {
  private static final VisionTransformer SMALL = new VisionTransformer(Scale.TI, 8, false);

  private static JsonNode golden() throws IOException {
    return StreamSupport.stream(Golden.read("encoder.json").spliterator(), false)
        .filter(node -> node.get("arch").asText().equals("vit_b_16"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void namesItsTensorsAndComputesAsTorchvision() throws IOException {
    VisionTransformer encoder = new VisionTransformer(Scale.B, 16, false);
    GoldenEncoder.assertNames(encoder, golden());
    GoldenEncoder.assertComputes(encoder, golden());
  }

  /** Numbers of parameters without the classifier: torchvision's, and DeiT's for the small ones. */
  @ParameterizedTest
  @CsvSource({
    "TI, 16, 5524416",
    "S, 16, 21665664",
    "B, 16, 85798656",
    "B, 32, 87455232",
    "L, 16, 303301632"
  })
  void hasAsManyParametersAsThePapers(Scale scale, int patch, long expected) {
    assertThat(
            program(new VisionTransformer(scale, patch, false), 224).tensors().stream()
                .mapToLong(spec -> Tensor.elements(spec.shape()))
                .sum())
        .isEqualTo(expected);
  }

  private static ScriptProgram program(VisionTransformer encoder, int imageSize) {
    return new EncoderProgram(encoder, imageSize, Normalization.NONE).write();
  }

  @Test
  void startsAsTorchvision() {
    Map<String, Tensor> weights = program(SMALL, 32).initialize(RandomStreams.of(0));
    String block = "encoder.layers.encoder_layer_3.";
    assertThat(std(weights, "conv_proj.weight")).isCloseTo(Math.sqrt(1.0 / 192), within(2));
    assertThat(std(weights, "encoder.pos_embedding")).isCloseTo(0.02, within(5));
    double uniform = Math.sqrt(1.0 / 3); // the standard deviation of one in +-1
    assertThat(std(weights, block + "self_attention.in_proj_weight"))
        .isCloseTo(uniform * Math.sqrt(6.0 / (4 * 192)), within(2));
    assertThat(std(weights, block + "self_attention.out_proj.weight"))
        .isCloseTo(uniform / Math.sqrt(192), within(2));
    assertThat(std(weights, block + "mlp.0.weight"))
        .isCloseTo(uniform * Math.sqrt(6.0 / (5 * 192)), within(2));
    assertThat(weights.get(block + "ln_1.weight").toFloats()).containsOnly(1);
    assertThat(weights.get("class_token").toFloats()).containsOnly(0);
    assertThat(weights.get(block + "mlp.3.bias").toFloats()).containsOnly(0);
  }

  private static double std(Map<String, Tensor> weights, String name) {
    float[] values = weights.get(name).toFloats();
    double squares = 0;
    for (float value : values) {
      squares += value * value;
    }
    return Math.sqrt(squares / values.length);
  }

  private static Percentage within(double percent) {
    return Percentage.withPercentage(percent);
  }

  @Test
  void fixedPatchesGetNoGradient() {
    assertThat(program(new VisionTransformer(Scale.TI, 8, true), 32).tensors())
        .filteredOn(spec -> spec.name().startsWith("conv_proj"))
        .hasSize(2)
        .extracting(TensorSpec::role)
        .containsOnly(Role.BUFFER);
    assertThat(program(SMALL, 32).tensors())
        .extracting(TensorSpec::role)
        .doesNotContain(Role.BUFFER);
  }

  @Test
  void patchesFillTheImage() {
    assertThat(SMALL.problem(32)).isEmpty();
    assertThat(SMALL.problem(30))
        .contains("patches of 8 x 8 pixels do not fill an image of 30 x 30");
    assertThatThrownBy(() -> TrainingSettings.simclr(30).encoder(SMALL).batchSize(1).build())
        .hasMessageContaining("batch size must be at least 2")
        .hasMessageContaining("do not fill");
    assertThatThrownBy(() -> new VisionTransformer(Scale.S, 0, false))
        .hasMessageContaining("not 0");
  }

  @ParameterizedTest
  @CsvSource({"FP32, false, 1e-5", "BF16, false, 0.05", "FP32, true, 1e-5", "BF16, true, 0.05"})
  void frozenIsTheSame(Precision precision, boolean fused, double tolerance) throws IOException {
    Map<String, Tensor> weights = program(SMALL, 32).initialize(RandomStreams.of(3));
    FrozenComparison.assertSame(SMALL, 32, weights, precision, fused, tolerance);
    assertThat(FrozenProgram.isQuantizable(SMALL, 32)).isFalse();
  }

  /** 17 tokens of 192: two of them as they are, and 2 x 4 in the MLP. */
  @Test
  void holdsSoManyNumbersOfAnImage() {
    assertThat(SMALL.activations(32)).isEqualTo(17 * 192 * 10);
  }

  @Test
  void filesNameItByItsType() throws IOException {
    String json = Json.MAPPER.writeValueAsString(SMALL);
    assertThat(json)
        .isEqualTo("{\"type\":\"vit\",\"scale\":\"ti\",\"patch\":8,\"fixed_patches\":false}");
    assertThat(Json.MAPPER.readValue(json, Encoder.class)).isEqualTo(SMALL);
    assertThat(SMALL.name()).isEqualTo("vit_ti_8");
  }
}
