package io.simclrbeam.model.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.simclrbeam.model.network.ModuleLayers;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.network.Programs;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.torchscript.LoadedProgram;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.ScriptWriter;
import java.io.IOException;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProjectionHeadTest {
  @ParameterizedTest
  @CsvSource({"16, 512", "512, 512", "2048, 2048"})
  void isAsWideAsTheRepresentationBut512AtLeast(int width, long hidden) {
    assertThat(shapes(write(ProjectionHead.of(128, 2), width)))
        .containsExactly(
            "head.0.linear.weight [%d, %d]".formatted(hidden, width),
            "head.0.bn.weight [%d]".formatted(hidden),
            "head.0.bn.bias [%d]".formatted(hidden),
            "head.1.linear.weight [128, %d]".formatted(hidden),
            "head.1.bn.weight [128]");
  }

  @Test
  void hiddenLayersMayBeOfAnyWidth() {
    assertThat(shapes(write(new ProjectionHead(8, 3, 40), 16)))
        .filteredOn(shape -> shape.contains("linear"))
        .containsExactly(
            "head.0.linear.weight [40, 16]",
            "head.1.linear.weight [40, 40]",
            "head.2.linear.weight [8, 40]");
  }

  @Test
  void aThirdLayerIsOneMoreHiddenOne() {
    assertThat(shapes(write(ProjectionHead.of(8, 3), 16)))
        .filteredOn(shape -> shape.contains("linear"))
        .containsExactly(
            "head.0.linear.weight [512, 16]",
            "head.1.linear.weight [512, 512]",
            "head.2.linear.weight [8, 512]");
  }

  @Test
  void endsInBatchNormWithoutReLu() throws IOException {
    ScriptProgram script = write(ProjectionHead.of(8, 2), 16);
    try (LoadedProgram program = Programs.load(script, script.initialize(RandomStreams.of(1)));
        NDManager manager = program.newManager()) {
      NDArray h = manager.randomNormal(new Shape(64, 16));
      NDArray z = program.call("forward", manager, h).get(0);
      assertThat(z.getShape()).isEqualTo(new Shape(64, 8));
      for (int axis = 0; axis < 8; axis++) {
        double mean = 0;
        double square = 0;
        for (float value : z.get(":, " + axis).toFloatArray()) {
          mean += value / 64;
          square += value * value / 64;
        }
        assertThat(mean).isCloseTo(0, Offset.offset(1e-5));
        assertThat(square).isCloseTo(1, Offset.offset(1e-2));
      }
    }
  }

  private static ScriptProgram write(ProjectionHead head, int width) {
    ScriptWriter script = new ScriptWriter();
    ModuleLayers layers = new ModuleLayers(script, ModuleLayers.Mode.TRAINING, Precision.FP32);
    script.method("forward", List.of("h: Tensor"), "Tensor", head.write(layers, "h", width, false));
    return script.program();
  }

  private static List<String> shapes(ScriptProgram program) {
    return program.tensors().stream()
        .filter(spec -> !spec.name().contains("running"))
        .map(spec -> spec.name() + " " + spec.shape())
        .toList();
  }
}
