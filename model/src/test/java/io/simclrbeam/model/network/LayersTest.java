package io.simclrbeam.model.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.torchscript.LoadedProgram;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.ScriptWriter;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import org.apache.commons.numbers.gamma.Erfc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The layers of transformers, beside plain loops in double precision. */
final class LayersTest {
  private static final int ROWS = 5;
  private static final int WIDTH = 6;

  private final Random random = new Random(1);
  private final Map<String, Tensor> weights = new HashMap<>();

  private float[] values(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private float[] weight(String name, long... shape) {
    float[] values = values((int) Arrays.stream(shape).reduce(1, (a, b) -> a * b));
    weights.put(name, Tensor.of(Arrays.stream(shape).boxed().toList(), values));
    return values;
  }

  private float[] run(BiFunction<Layers, String, String> layer, float[] x, long... shape)
      throws IOException {
    ScriptWriter script = new ScriptWriter();
    Layers layers = new ModuleLayers(script, ModuleLayers.Mode.AS_MODULE, Precision.FP32);
    script.method("forward", List.of("x: Tensor"), "Tensor", layer.apply(layers, "x"));
    ScriptProgram program = script.program();
    try (LoadedProgram loaded = Programs.load(program, weights);
        NDManager manager = loaded.newManager()) {
      NDArray input = manager.create(x, new Shape(shape));
      return loaded.call("forward", manager, input).get(0).toFloatArray();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void linearMultipliesAndAdds(boolean bias) throws IOException {
    float[] x = values(ROWS * WIDTH);
    float[] w = weight("l.weight", 3, WIDTH);
    float[] b = weight("l.bias", 3);
    float[] found =
        run((layers, in) -> layers.linear(Linear.of("l", WIDTH, 3, bias), in), x, ROWS, WIDTH);
    for (int row = 0; row < ROWS; row++) {
      for (int out = 0; out < 3; out++) {
        double sum = bias ? b[out] : 0;
        for (int i = 0; i < WIDTH; i++) {
          sum += x[row * WIDTH + i] * w[out * WIDTH + i];
        }
        assertThat((double) found[row * 3 + out]).isCloseTo(sum, within(1e-5));
      }
    }
  }

  @Test
  void layerNormStandardizesEachRow() throws IOException {
    float[] x = values(ROWS * WIDTH);
    float[] gamma = weight("n.weight", WIDTH);
    float[] beta = weight("n.bias", WIDTH);
    float[] found = run((layers, in) -> layers.layerNorm(in, "n", WIDTH, 1e-6), x, ROWS, WIDTH);
    for (int row = 0; row < ROWS; row++) {
      double mean = 0;
      double square = 0;
      for (int i = 0; i < WIDTH; i++) {
        mean += x[row * WIDTH + i] / (double) WIDTH;
      }
      for (int i = 0; i < WIDTH; i++) {
        square += Math.pow(x[row * WIDTH + i] - mean, 2) / WIDTH;
      }
      for (int i = 0; i < WIDTH; i++) {
        double expected =
            (x[row * WIDTH + i] - mean) / Math.sqrt(square + 1e-6) * gamma[i] + beta[i];
        assertThat((double) found[row * WIDTH + i]).isCloseTo(expected, within(1e-5));
      }
    }
  }

  @Test
  void geluWeighsByTheNormalDistribution() throws IOException {
    float[] x = values(ROWS * WIDTH);
    float[] found = run(Layers::gelu, x, ROWS, WIDTH);
    for (int i = 0; i < x.length; i++) {
      double expected = x[i] * Erfc.value(-x[i] / Math.sqrt(2)) / 2;
      assertThat((double) found[i]).isCloseTo(expected, within(1e-6));
    }
  }

  /** One head of queries, keys and values that are the input itself. */
  @Test
  void attentionAveragesValuesByTheirSimilarity() throws IOException {
    float[] x = values(ROWS * WIDTH);
    float[] found = run((layers, in) -> layers.attention(in, in, in), x, 1, 1, ROWS, WIDTH);
    for (int query = 0; query < ROWS; query++) {
      double[] share = new double[ROWS];
      double all = 0;
      for (int key = 0; key < ROWS; key++) {
        double product = 0;
        for (int i = 0; i < WIDTH; i++) {
          product += x[query * WIDTH + i] * x[key * WIDTH + i];
        }
        share[key] = Math.exp(product / Math.sqrt(WIDTH));
        all += share[key];
      }
      for (int i = 0; i < WIDTH; i++) {
        double sum = 0;
        for (int key = 0; key < ROWS; key++) {
          sum += share[key] / all * x[key * WIDTH + i];
        }
        assertThat((double) found[query * WIDTH + i]).isCloseTo(sum, within(1e-5));
      }
    }
  }
}
