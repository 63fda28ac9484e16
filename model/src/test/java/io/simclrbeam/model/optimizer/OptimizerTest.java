package io.simclrbeam.model.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.simclrbeam.model.network.Golden;
import io.simclrbeam.model.network.Programs;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.torchscript.Initialization;
import io.simclrbeam.model.torchscript.LoadedProgram;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.ScriptWriter;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OptimizerTest {
  @Test
  void agreesWithPyTorchAndTheSimClrReference() throws IOException {
    for (JsonNode golden : Golden.read("optimizers.json")) {
      check(golden);
    }
  }

  /** The first case is clipped in all steps, the second in some, the third in none. */
  @Test
  void larsWithAClippedRatioAgreesWithPyTorch() throws IOException {
    for (JsonNode golden : Golden.read("larc.json")) {
      check(golden);
    }
  }

  private static void check(JsonNode golden) throws IOException {
    JsonNode params = golden.get("params");
    double decay = params.get("weight_decay").asDouble();
    Optimizer optimizer =
        switch (golden.get("optimizer").asText()) {
          case "lars" ->
              new Lars(
                  params.get("momentum").asDouble(),
                  decay,
                  params.get("eta").asDouble(),
                  params.path("clip").asBoolean());
          case "adamw" ->
              new AdamW(
                  params.get("betas").get(0).asDouble(),
                  params.get("betas").get(1).asDouble(),
                  params.get("eps").asDouble(),
                  decay);
          case "sgd" ->
              new Sgd(
                  params.get("momentum").asDouble(), decay, params.path("nesterov").asBoolean());
          default -> throw new AssertionError(golden.get("optimizer"));
        };
    List<Long> matrix = List.of(3L, 2L);
    List<Long> vector = List.of(4L);
    ScriptWriter script = new ScriptWriter();
    script.tensor("a", matrix, Role.WEIGHT, Initialization.ZEROS);
    script.tensor("b", vector, Role.UNREGULARIZED, Initialization.ZEROS);
    String gradients = script.let("[gradient_a, gradient_b]");
    String rate = script.let("float(torch.select(control, 0, 0))");
    String step = script.let("float(torch.select(control, 0, 1))");
    optimizer.write(new Update(script, script.tensors(), gradients, rate, step, true));
    script.method(
        "forward",
        List.of("gradient_a: Tensor", "gradient_b: Tensor", "control: Tensor"),
        "List[Tensor]",
        "[torch.detach(self.a), torch.detach(self.b)]");
    ScriptProgram scriptProgram = script.program();
    Map<String, Tensor> values = new HashMap<>(scriptProgram.initialize(RandomStreams.of(0)));
    values.put("a", Tensor.of(matrix, Golden.floats(golden.get("initial").get(0))));
    values.put("b", Tensor.of(vector, Golden.floats(golden.get("initial").get(1))));

    try (LoadedProgram program = Programs.load(scriptProgram, values);
        NDManager manager = program.newManager()) {
      for (int i = 0; i < golden.get("gradients").size(); i++) {
        JsonNode gradient = golden.get("gradients").get(i);
        NDArray a = manager.create(Golden.floats(gradient.get(0)), new Shape(3, 2));
        NDArray b = manager.create(Golden.floats(gradient.get(1)));
        double learningRate = golden.path("rates").path(i).asDouble(params.path("lr").asDouble());
        NDArray control = manager.create(new double[] {learningRate, i + 1});
        NDList after = program.callWithAutograd("forward", manager, a, b, control);
        JsonNode expected = golden.get("after").get(i);
        assertThat(after.get(0).toFloatArray())
            .as("%s, step %d", optimizer, i)
            .containsExactly(Golden.floats(expected.get(0)), within(2e-6f));
        assertThat(after.get(1).toFloatArray())
            .as("%s, step %d", optimizer, i)
            .containsExactly(Golden.floats(expected.get(1)), within(2e-6f));
      }
    }
  }
}
