package io.simclrbeam.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.simclrbeam.model.ForkedJvm;
import io.simclrbeam.model.encoder.ProjectionHead;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.loss.NtXent;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.optimizer.AdamW;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps of the sizes that users have, with the kernels of the processors that they have. */
final class TrainerTest {
  @ParameterizedTest
  @ValueSource(strings = {"AVX2", "DEFAULT"})
  void equalStepsGiveEqualWeights(String kernels) throws Exception {
    ForkedJvm jvm = ForkedJvm.run(Steps.class, Map.of("ONEDNN_MAX_CPU_ISA", kernels));
    assertThat(jvm.exitCode()).as(jvm.output()).isZero();
    assertThat(jvm.output()).contains("equal").doesNotContain("different");
  }

  /** Trains twice from the same seed. */
  static final class Steps {
    private Steps() {}

    public static void main(String[] args) {
      train(ResNet.Stem.CIFAR, 0.25, 32, 64);
      train(ResNet.Stem.IMAGENET, 0.25, 224, 8);
      train(ResNet.Stem.CIFAR, 0.0625, 64, 32);
    }

    private static void train(ResNet.Stem stem, double width, int size, int images) {
      TrainingProgram program =
          new TrainingProgram(
              new ResNet(ResNet.Depth.RESNET18, stem, width, false),
              size,
              new ProjectionHead(128, 2),
              new NtXent(0.5),
              AdamW.of(1e-4),
              Normalization.IMAGENET,
              Precision.FP32);
      boolean equal = steps(program, size, images).equals(steps(program, size, images));
      System.out.printf("%s at %d: %s%n", stem, size, equal ? "equal" : "different");
    }

    private static Map<String, ByteBuffer> steps(TrainingProgram program, int size, int images) {
      byte[] pixels = new byte[images * 2 * size * size * 3];
      new Random(1).nextBytes(pixels);
      ByteBuffer views = ByteBuffer.allocateDirect(pixels.length).put(pixels).flip();
      try (Trainer trainer = Trainer.create(program, 1, Device.cpu())) {
        for (int step = 0; step < 2; step++) {
          StepStatistics statistics = trainer.step(views.duplicate(), size, step, 1e-3);
          if (!statistics.isFinite()) {
            throw new IllegalStateException("step %d: %s".formatted(step, statistics));
          }
        }
        return trainer.state().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().data()));
      }
    }
  }
}
