package io.simclrbeam.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.simclrbeam.model.encoder.TinyTransformer;
import io.simclrbeam.model.encoder.VisionTransformer;
import io.simclrbeam.model.loss.Dcl;
import io.simclrbeam.model.loss.MeanDistance;
import io.simclrbeam.model.network.Programs;
import io.simclrbeam.model.optimizer.AdamW;
import io.simclrbeam.model.optimizer.Lars;
import io.simclrbeam.model.optimizer.Sgd;
import io.simclrbeam.model.optimizer.SignDescent;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.torchscript.LoadedProgram;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class TrainingProgramTest {
  private static final int STEPS = 3;

  static Stream<TrainingSettings> settings() {
    TrainingSettings.Builder small = TestSettings.small();
    return Stream.of(
        small.optimizer(Lars.of(1e-6)).build(),
        small.optimizer(AdamW.of(1e-4)).build(),
        small.encoder(new VisionTransformer(VisionTransformer.Scale.TI, 8, true)).build(),
        small
            .encoder(new TinyTransformer(4, 8, 2))
            .loss(new MeanDistance(0.5))
            .optimizer(new SignDescent(0.9))
            .build(),
        TestSettings.small()
            .optimizer(Sgd.of(1e-4, true))
            .loss(new Dcl(0.2, true))
            .clipNorm(0.1)
            .build());
  }

  /** The parts, one after the other, are the whole step to the last bit. */
  @ParameterizedTest
  @MethodSource("settings")
  void thePartsOfAStepAreTheStep(TrainingSettings settings) throws IOException {
    ScriptProgram program = settings.program().write();
    List<float[]> whole = new ArrayList<>();
    List<float[]> parts = new ArrayList<>();
    try (LoadedProgram loaded = Programs.load(program, program.initialize(RandomStreams.of(1)));
        NDManager manager = loaded.newManager()) {
      for (int step = 0; step < STEPS; step++) {
        NDArray control = manager.create(new double[] {1e-2, step + 1});
        whole.add(
            loaded
                .callWithAutograd(
                    TrainingProgram.STEP, manager, views(settings, step, manager), control)
                .get(0)
                .toFloatArray());
      }
      state(loaded, manager, whole);
    }
    try (LoadedProgram loaded = Programs.load(program, program.initialize(RandomStreams.of(1)));
        NDManager manager = loaded.newManager()) {
      for (int step = 0; step < STEPS; step++) {
        NDArray views = views(settings, step, manager);
        NDArray z = loaded.call(TrainingProgram.FORWARD, manager, views).get(0);
        NDList loss = loaded.callWithAutograd(TrainingProgram.LOSS, manager, z);
        NDList gradients =
            loaded.callWithAutograd(
                TrainingProgram.GRADIENTS, manager, views, loss.get(0), manager.create(0.1));
        gradients.forEach(gradient -> gradient.setName("gradients[]"));
        gradients.add(manager.create(new double[] {1e-2, step + 1}));
        NDArray norm =
            loaded.call(TrainingProgram.UPDATE, manager, gradients.toArray(new NDArray[0])).get(0);
        parts.add(
            new float[] {
              loss.get(1).getFloat(),
              loss.get(2).getFloat(),
              norm.getFloat(),
              loss.get(3).getFloat()
            });
      }
      state(loaded, manager, parts);
    }
    assertThat(parts).hasSameSizeAs(whole);
    for (int i = 0; i < whole.size(); i++) {
      assertThat(parts.get(i)).isEqualTo(whole.get(i));
    }
    assertThat(whole.get(0)).isNotEqualTo(whole.get(STEPS - 1));
  }

  private static NDArray views(TrainingSettings settings, int step, NDManager manager) {
    int size = settings.imageSize();
    int images = settings.batchSize();
    byte[] pixels = new byte[images * 2 * size * size * 3];
    new Random(step).nextBytes(pixels);
    return manager.create(
        ByteBuffer.allocateDirect(pixels.length).put(pixels).flip(),
        new Shape(images, 2, size, size, 3),
        DataType.UINT8);
  }

  private static void state(LoadedProgram loaded, NDManager manager, List<float[]> to) {
    loaded
        .call(TrainingProgram.STATE, manager)
        .forEach(tensor -> to.add(tensor.toDevice(Device.cpu(), true).toFloatArray()));
  }

  /** What the optimizers leave alone is what the layers said, not what has one axis. */
  @ParameterizedTest
  @MethodSource("settings")
  void rolesSayWhatIsRegularized(TrainingSettings settings) {
    List<String> unregularized =
        settings.program().write().tensors().stream()
            .filter(spec -> spec.role() == TensorSpec.Role.UNREGULARIZED)
            .map(TensorSpec::name)
            .toList();
    if (settings.encoder() instanceof TinyTransformer) {
      assertThat(unregularized).contains("class_token", "positions", "ln.weight", "mlp.0.bias");
    } else if (settings.encoder() instanceof VisionTransformer) {
      assertThat(unregularized)
          .contains("class_token", "encoder.pos_embedding", "encoder.ln.weight")
          .noneMatch(name -> name.matches(".*(mlp\\.\\d\\.|in_proj_)weight|conv_proj.*"));
    } else {
      assertThat(unregularized)
          .contains("bn1.weight", "bn1.bias", "head.0.bn.bias", "head.1.bn.weight")
          .doesNotContain("head.1.bn.bias");
    }
    assertThat(unregularized)
        .noneMatch(name -> name.matches(".*(conv\\d|linear|mlp\\.\\d|patches)\\.weight"));
  }

  /** SGD's first update is the gradient times the learning rate. */
  @ParameterizedTest
  @CsvSource({"0.25, 0.25", "4, 1"})
  void aLargerGradientIsScaledDownToTheNorm(double share, double expected) throws IOException {
    TrainingSettings.Builder sgd = TestSettings.small().optimizer(Sgd.of(0, false));
    Map<String, Tensor> start = sgd.build().program().write().initialize(RandomStreams.of(1));
    AfterStep free = AfterStep.of(sgd.build(), start);
    AfterStep clipped = AfterStep.of(sgd.clipNorm(share * free.norm).build(), start);
    assertThat(clipped.norm).isEqualTo(free.norm);
    for (String name : List.of("conv1.weight", "layer4.1.conv2.weight", "head.0.bn.bias")) {
      float[] from = start.get(name).toFloats();
      float[] moved = free.state.get(name);
      float[] less = clipped.state.get(name);
      for (int i = 0; i < from.length; i++) {
        assertThat((double) less[i] - from[i])
            .isCloseTo(expected * (moved[i] - from[i]), within(1e-5));
      }
    }
    if (expected == 1) {
      free.state.forEach((name, values) -> assertThat(clipped.state.get(name)).isEqualTo(values));
    }
  }

  /** What one step of a large learning rate leaves, and the norm of its gradient. */
  private record AfterStep(double norm, Map<String, float[]> state) {
    static AfterStep of(TrainingSettings settings, Map<String, Tensor> start) throws IOException {
      int size = settings.imageSize();
      byte[] pixels = new byte[settings.batchSize() * 2 * size * size * 3];
      new Random(9).nextBytes(pixels);
      try (Trainer trainer = Trainer.restore(settings.program(), start, Device.cpu())) {
        StepStatistics statistics =
            trainer.step(
                List.of(ByteBuffer.allocateDirect(pixels.length).put(pixels).flip()), 0, 1.0);
        Map<String, float[]> state = new TreeMap<>();
        trainer.state().forEach((name, tensor) -> state.put(name, tensor.toFloats()));
        return new AfterStep(statistics.gradientNorm(), state);
      }
    }
  }
}
