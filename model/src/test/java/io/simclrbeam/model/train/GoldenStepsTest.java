package io.simclrbeam.model.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.simclrbeam.model.encoder.ProjectionHead;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.loss.NtXent;
import io.simclrbeam.model.network.Golden;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.optimizer.AdamW;
import io.simclrbeam.model.optimizer.Lars;
import io.simclrbeam.model.optimizer.Optimizer;
import io.simclrbeam.model.optimizer.Sgd;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.settings.SettingsVersion;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.TensorSpec;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Three steps of training are those of PyTorch: loss, statistics, running statistics and weights.
 * The script {@code golden_steps.py} in {@code src/test/python} made the values from plain modules,
 * torch.optim and autograd.
 */
final class GoldenStepsTest {
  private static final int IMAGES = 8;
  private static final int SIZE = 16;
  private static final int PROJECTION = 16;

  /**
   * A few times what noise of 1e-7 on the initial weights changes in PyTorch, where it turns a
   * ReLU. Mostly it turns none, and differences are below a hundredth of these.
   */
  private static final Difference FP32 = new Difference(2e-3, 0.07, 1e-2, 1e-5, 5e-4, 5e-3, 0.05);

  /**
   * With other kernels, or another number of threads, than made the golden values, roundings to 8
   * bits fall out otherwise here and there, and the next steps enlarge that.
   */
  private static final Difference BF16 = new Difference(0.25, 0.3, 0.15, 1e-3, 0.05, 0.3, 0.8);

  /**
   * How far values are from PyTorch's, at most.
   *
   * @param loss of a step
   * @param top1 contrastive top-1 of a step
   * @param norm of a step's gradient, relative
   * @param std of a step's projections
   * @param value of a weight or running statistic
   * @param projection of a tensor: the sum of all its values, with weights from -1 to 1
   * @param change of a tensor in three steps: the norm of it, relative
   */
  private record Difference(
      double loss,
      double top1,
      double norm,
      double std,
      double value,
      double projection,
      double change) {

    void assertWithin(Difference allowed) {
      assertThat(loss).as("loss").isLessThan(allowed.loss);
      assertThat(top1).as("contrastive top-1").isLessThan(allowed.top1);
      assertThat(norm).as("norm of the gradient").isLessThan(allowed.norm);
      assertThat(std).as("std").isLessThan(allowed.std);
      assertThat(value).as("values").isLessThan(allowed.value);
      assertThat(projection).as("projections").isLessThan(allowed.projection);
      assertThat(change).as("changes").isLessThan(allowed.change);
    }
  }

  static Stream<JsonNode> golden() throws IOException {
    return StreamSupport.stream(Golden.read("steps.json").spliterator(), false);
  }

  @ParameterizedTest
  @MethodSource("golden")
  void threeStepsAreThoseOfPyTorch(JsonNode golden) throws IOException {
    Precision precision = Precision.of(golden.get("precision").asText());
    TrainingProgram training =
        new TrainingProgram(
            new ResNet(ResNet.Depth.RESNET18, ResNet.Stem.CIFAR, 0.125, false),
            SIZE,
            2,
            ProjectionHead.of(PROJECTION, 2),
            new NtXent(0.5),
            optimizer(golden),
            0,
            Normalization.IMAGENET,
            precision,
            SettingsVersion.valueOf(golden.get("version").asText().toUpperCase(Locale.ROOT)));
    difference(training, golden).assertWithin(precision == Precision.BF16 ? BF16 : FP32);
  }

  private static Difference difference(TrainingProgram training, JsonNode golden)
      throws IOException {
    double loss = 0;
    double top1 = 0;
    double norm = 0;
    double std = 0;
    double value = 0;
    double projection = 0;
    double change = 0;
    Map<String, Tensor> start = start(training.write());
    try (Trainer trainer = Trainer.restore(training, start, Device.cpu())) {
      for (int step = 0; step < golden.get("steps").size(); step++) {
        JsonNode expected = golden.get("steps").get(step);
        StepStatistics actual =
            trainer.step(List.of(views(step)), step, golden.get("rates").get(step).asDouble());
        loss = Math.max(loss, Math.abs(actual.loss() - expected.get(0).asDouble()));
        top1 = Math.max(top1, Math.abs(actual.contrastiveTop1() - expected.get(1).asDouble()));
        norm = Math.max(norm, Math.abs(actual.gradientNorm() / expected.get(2).asDouble() - 1));
        std = Math.max(std, Math.abs(actual.embeddingStd() - expected.get(3).asDouble()));
      }
      Map<String, Tensor> end = trainer.state();
      assertThat(end.keySet().stream().filter(name -> !name.startsWith("optimizer.")))
          .containsExactlyInAnyOrderElementsOf(() -> golden.get("tensors").fieldNames());
      for (Map.Entry<String, JsonNode> entry : golden.get("tensors").properties()) {
        float[] before = start.get(entry.getKey()).toFloats();
        float[] after = end.get(entry.getKey()).toFloats();
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < after.length; i++) {
          sum += StrictMath.sin(i) * after[i];
          squares += Math.pow(after[i] - before[i], 2);
        }
        JsonNode expected = entry.getValue();
        projection = Math.max(projection, Math.abs(sum - expected.get("projection").asDouble()));
        change =
            Math.max(change, Math.abs(Math.sqrt(squares) / expected.get("change").asDouble() - 1));
        float[] samples = Golden.floats(expected.get("values"));
        for (int k = 0; k < samples.length; k++) {
          int place = k * after.length / samples.length;
          value = Math.max(value, Math.abs(after[place] - samples[k]));
        }
      }
    }
    return new Difference(loss, top1, norm, std, value, projection, change);
  }

  private static Optimizer optimizer(JsonNode golden) {
    double decay = golden.get("weight_decay").asDouble();
    return switch (golden.get("optimizer").asText()) {
      case "lars" -> new Lars(0.9, decay, 0.5, false);
      case "adamw" -> new AdamW(0.9, 0.999, 0.01, decay);
      case "sgd" -> Sgd.of(decay, false);
      case "nesterov" -> Sgd.of(decay, true);
      default -> throw new AssertionError(golden.get("optimizer"));
    };
  }

  /** The script's initial weights; the optimizer's moments are 0. */
  private static Map<String, Tensor> start(ScriptProgram program) {
    Map<String, Tensor> values = new HashMap<>(program.initialize(RandomStreams.of(0)));
    for (TensorSpec spec : program.tensors()) {
      if (spec.role() != Role.OPTIMIZER) {
        values.put(spec.name(), start(spec));
      }
    }
    return values;
  }

  private static Tensor start(TensorSpec spec) {
    CRC32 crc = new CRC32();
    crc.update(spec.name().getBytes(UTF_8));
    double phase = crc.getValue() % 1000;
    long fanIn = Tensor.elements(spec.shape()) / spec.shape().get(0);
    float[] values = new float[(int) Tensor.elements(spec.shape())];
    for (int i = 0; i < values.length; i++) {
      double v = StrictMath.sin(0.37 * i * i + phase);
      double value;
      if (spec.shape().size() > 1) {
        value = v * Math.sqrt(2.0 / fanIn);
      } else if (spec.name().endsWith("running_var")) {
        value = 1 + 0.5 * v * v;
      } else if (spec.name().endsWith("weight")) {
        value = 1 + 0.1 * v;
      } else {
        value = 0.1 * v;
      }
      values[i] = (float) value;
    }
    return Tensor.of(spec.shape(), values);
  }

  /** uint8 [N, 2, H, W, 3]: squares of 4 x 4 pixels that an image's views share, and noise. */
  private static ByteBuffer views(long step) {
    ByteBuffer views = ByteBuffer.allocateDirect(IMAGES * 2 * SIZE * SIZE * 3);
    while (views.hasRemaining()) {
      long j = views.position();
      long c = j % 3;
      long x = j / 3 % SIZE;
      long y = j / (3 * SIZE) % SIZE;
      long image = j / (2 * SIZE * SIZE * 3);
      long square = (((step * IMAGES + image) * SIZE + y / 4) * SIZE + x / 4) * 3 + c;
      views.put((byte) (scrambled(square) % 192 + scrambled(j + 7919 * (step + 1)) % 64));
    }
    return views.flip();
  }

  private static long scrambled(long number) {
    return (number * 2654435761L & 0xFFFFFFFFL) >> 16;
  }
}
