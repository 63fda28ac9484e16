package io.simclrbeam.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.pytorch.jni.JniUtils;
import io.simclrbeam.model.ForkedJvm;
import io.simclrbeam.model.TestKernels;
import io.simclrbeam.model.device.ComputeDevice;
import io.simclrbeam.model.encoder.ProjectionHead;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.loss.NtXent;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.optimizer.AdamW;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.settings.SettingsVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps of the sizes that users have, with the kernels of the processors that they have. */
final class TrainerTest {
  @ParameterizedTest
  @ValueSource(strings = {"AVX2", "DEFAULT"})
  void equalStepsGiveEqualWeights(String kernels) throws Exception {
    TestKernels.assumeTheyDiffer(kernels, "AVX2");
    ForkedJvm jvm =
        ForkedJvm.run(Steps.class, Map.of("ONEDNN_MAX_CPU_ISA", kernels, "MKL_VERBOSE", "1"));
    assertThat(jvm.exitCode()).as(jvm.output()).isZero();
    List<String> lines = jvm.output().lines().toList();
    assertThat(lines.stream().filter(line -> !line.startsWith("MKL")))
        .contains("CIFAR at 32: equal", "IMAGENET at 224: equal", "CIFAR at 64: equal");
    assertThat(lines.stream().filter(line -> line.contains("GEMM")))
        .as("MKL's reproducible mode, wherever libtorch has MKL")
        .allMatch(line -> line.contains("CNR:AUTO"));
  }

  /** Trains twice from the same seed. */
  static final class Steps {
    private Steps() {}

    public static void main(String[] args) throws IOException {
      train(ResNet.Stem.CIFAR, 0.25, 32, 64);
      train(ResNet.Stem.IMAGENET, 0.25, 224, 8);
      train(ResNet.Stem.CIFAR, 0.0625, 64, 32);
    }

    private static void train(ResNet.Stem stem, double width, int size, int images)
        throws IOException {
      TrainingProgram program =
          new TrainingProgram(
              new ResNet(ResNet.Depth.RESNET18, stem, width, false),
              size,
              2,
              ProjectionHead.of(128, 2),
              new NtXent(0.5),
              AdamW.of(1e-4),
              0,
              Normalization.IMAGENET,
              Precision.FP32,
              SettingsVersion.NEWEST);
      List<Map<String, ByteBuffer>> once = steps(program, size, images);
      List<Map<String, ByteBuffer>> again = steps(program, size, images);
      int step = 0; // the first that differs says most of where a difference comes from
      while (step < once.size() - 1 && once.get(step).equals(again.get(step))) {
        step++;
      }
      Map<String, ByteBuffer> first = once.get(step);
      Map<String, ByteBuffer> second = again.get(step);
      List<String> different = new ArrayList<>();
      first.forEach(
          (name, values) -> {
            if (!values.equals(second.get(name))) {
              different.add(
                  name + ", by up to " + difference(values.duplicate(), second.get(name)));
            }
          });
      System.out.printf(
          "%s at %d: %s%n",
          stem,
          size,
          different.isEmpty()
              ? "equal"
              : "after step %d, on %s, %d threads, different in %d of %d tensors: %s"
                  .formatted(
                      step,
                      ComputeDevice.describe(Device.cpu()),
                      JniUtils.getNumThreads(),
                      different.size(),
                      first.size(),
                      different));
    }

    private static float difference(ByteBuffer first, ByteBuffer second) {
      FloatBuffer a = first.order(ByteOrder.nativeOrder()).asFloatBuffer();
      FloatBuffer b = second.order(ByteOrder.nativeOrder()).asFloatBuffer();
      float difference = 0;
      while (a.hasRemaining()) {
        difference = Math.max(difference, Math.abs(a.get() - b.get()));
      }
      return difference;
    }

    /** Returns the state as it begins and after each step. */
    private static List<Map<String, ByteBuffer>> steps(
        TrainingProgram program, int size, int images) throws IOException {
      byte[] pixels = new byte[images * 2 * size * size * 3];
      new Random(1).nextBytes(pixels);
      ByteBuffer views = ByteBuffer.allocateDirect(pixels.length).put(pixels).flip();
      List<Map<String, ByteBuffer>> states = new ArrayList<>();
      try (Trainer trainer = Trainer.create(program, RandomStreams.of(1), Device.cpu())) {
        states.add(state(trainer));
        for (int step = 0; step < 2; step++) {
          StepStatistics statistics = trainer.step(List.of(views.duplicate()), step, 1e-3);
          if (!statistics.isFinite()) {
            throw new IllegalStateException("step %d: %s".formatted(step, statistics));
          }
          states.add(state(trainer));
        }
        return states;
      }
    }

    private static Map<String, ByteBuffer> state(Trainer trainer) {
      return trainer.state().entrySet().stream()
          .collect(
              Collectors.toMap(
                  Map.Entry::getKey,
                  entry -> entry.getValue().data(),
                  (one, other) -> one,
                  TreeMap::new));
    }
  }
}
