package io.simclrbeam.model.encoder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.network.Programs;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.tensor.TensorType;
import io.simclrbeam.model.torchscript.LoadedProgram;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.CRC32;
import org.assertj.core.data.Offset;

/** Compares encoders with torchvision's, whose weights and images here follow a formula. */
final class GoldenEncoder {
  private GoldenEncoder() {}

  static void assertNames(Encoder encoder, JsonNode golden) {
    Stream<String> expected =
        StreamSupport.stream(golden.get("names").spliterator(), false).map(JsonNode::asText);
    assertThat(program(encoder, golden).tensors())
        .extracting(TensorSpec::name)
        .containsExactlyInAnyOrderElementsOf(
            expected.filter(name -> !name.endsWith("num_batches_tracked")).toList());
  }

  private static ScriptProgram program(Encoder encoder, JsonNode golden) {
    return new EncoderProgram(encoder, golden.get("size").asInt(), Normalization.NONE).write();
  }

  static void assertComputes(Encoder encoder, JsonNode golden) throws IOException {
    ScriptProgram script = program(encoder, golden);
    try (LoadedProgram program = Programs.load(script, weights(script, TensorType.FLOAT32));
        NDManager manager = program.newManager()) {
      NDArray pixels = images(golden, manager);
      NDArray output = program.call("forward", manager, pixels).get(0);
      for (int row = 0; row < 2; row++) {
        float[] values = output.get(row).toFloatArray();
        double sum = 0;
        double squares = 0;
        for (float value : values) {
          sum += value;
          squares += (double) value * value;
        }
        assertThat(sum).isCloseTo(golden.get("eval_sum").get(row).asDouble(), within(1e-4, sum));
        assertThat(Math.sqrt(squares))
            .isCloseTo(golden.get("eval_norm").get(row).asDouble(), within(1e-4, 1));
        assertFirst8(output.get(row), golden.get("eval_first8").get(row), 1e-4);
      }
      NDArray unit = pixels.toType(DataType.FLOAT32, false).div(255);
      assertThat(program.call("forward", manager, unit).get(0)).isEqualTo(output);
    }
  }

  static void assertFirst8(NDArray actual, JsonNode expected, double tolerance) {
    double[] values = actual.toType(DataType.FLOAT64, false).toDoubleArray();
    for (int i = 0; i < 8; i++) {
      double value = expected.get(i).asDouble();
      assertThat(values[i]).isCloseTo(value, within(tolerance, value));
    }
  }

  private static Offset<Double> within(double tolerance, double value) {
    return Offset.offset(tolerance * (1 + Math.abs(value)));
  }

  static Map<String, Tensor> weights(ScriptProgram program, TensorType type) {
    Map<String, Tensor> values = new HashMap<>();
    for (TensorSpec spec : program.tensors()) {
      values.put(spec.name(), weight(spec.name(), spec.shape(), type));
    }
    return values;
  }

  static Tensor weight(String name, List<Long> shape, TensorType type) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(UTF_8));
    double phase = crc.getValue() % 1000;
    long fanIn = Tensor.elements(shape) / shape.get(0);
    double[] weights = new double[(int) Tensor.elements(shape)];
    for (int i = 0; i < weights.length; i++) {
      double v = Math.sin(0.37 * i + phase);
      weights[i] = value(name, shape, v, fanIn);
    }
    return type == TensorType.FLOAT64
        ? Tensor.of(shape, weights)
        : Tensor.of(shape, floats(weights));
  }

  private static float[] floats(double[] values) {
    float[] result = new float[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) values[i];
    }
    return result;
  }

  private static double value(String name, List<Long> shape, double v, long fanIn) {
    if (shape.size() > 1) {
      return v * Math.sqrt(2.0 / fanIn);
    } else if (name.endsWith("running_var")) {
      return 1 + 0.5 * v * v;
    } else if (name.endsWith("weight")) {
      return 1 + 0.1 * v;
    }
    return 0.1 * v;
  }

  /** uint8 [2, 3, size, size]. */
  static NDArray images(JsonNode golden, NDManager manager) {
    int size = golden.get("size").asInt();
    long seed = golden.get("input_seed").asLong();
    byte[] pixels = new byte[2 * size * size * 3];
    for (int j = 0; j < pixels.length; j++) {
      pixels[j] = (byte) (((j * 2654435761L + seed) & 0xFFFFFFFFL) >> 16);
    }
    return manager
        .create(ByteBuffer.wrap(pixels), new Shape(2, size, size, 3), DataType.UINT8)
        .transpose(0, 3, 1, 2);
  }
}
