package io.simclrbeam.model.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.simclrbeam.model.encoder.EncoderProgram;
import io.simclrbeam.model.encoder.ProjectionHead;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.inference.EncoderGraph.Step;
import io.simclrbeam.model.loss.NtXent;
import io.simclrbeam.model.network.Convolution;
import io.simclrbeam.model.network.Layers;
import io.simclrbeam.model.network.ModuleLayers;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.network.Programs;
import io.simclrbeam.model.optimizer.Sgd;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.model.sample.SampleImages;
import io.simclrbeam.model.settings.SettingsVersion;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.torchscript.LoadedProgram;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.ScriptWriter;
import io.simclrbeam.model.torchscript.TensorSpec;
import io.simclrbeam.model.train.TrainingProgram;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Of networks whose BatchNorms know the statistics of the images, as after training. */
final class QuantizationTest {
  private static final int IMAGES = 32;

  static Stream<Case> cases() {
    return Stream.of(
        new Case(new ResNet(ResNet.Depth.RESNET18, ResNet.Stem.CIFAR, 0.25, false), 32),
        // Of sides that halving rounds: 71, 36, 18, 9, 5, 3.
        new Case(new ResNet(ResNet.Depth.RESNET18, ResNet.Stem.IMAGENET, 0.25, false), 71),
        // Its max pooling is of an odd side: 50, 25, 13, 7, 4, 2.
        new Case(new ResNet(ResNet.Depth.RESNET18, ResNet.Stem.IMAGENET, 0.125, false), 50),
        new Case(new ResNet(ResNet.Depth.RESNET50, ResNet.Stem.IMAGENET, 0.125, false), 64));
  }

  /** An encoder and the side of its images in pixels. */
  record Case(ResNet encoder, int size) {
    Map<String, Tensor> weights() throws IOException {
      ScriptWriter script = new ScriptWriter();
      String x = EncoderProgram.input(script, Normalization.IMAGENET);
      Layers layers = new ModuleLayers(script, ModuleLayers.Mode.TRAINING, Precision.FP32);
      encoder.write(layers, x, size);
      script.method(
          "forward",
          List.of("images: Tensor"),
          "List[Tensor]",
          ScriptWriter.list(
              script.tensors().stream().map(TensorSpec::name).map(ScriptWriter::read)));
      ScriptProgram program = script.program();
      Map<String, Tensor> weights = new LinkedHashMap<>(program.initialize(RandomStreams.of(3)));
      weights.replaceAll(
          (name, tensor) ->
              name.matches(".*(bn\\d|downsample\\.1)\\.weight") ? gamma(name, tensor) : tensor);
      try (LoadedProgram loaded = Programs.load(program, weights);
          NDManager manager = loaded.newManager()) {
        NDArray pixels = pixels(manager);
        List<NDArray> state = loaded.call("forward", manager, pixels);
        for (int i = 0; i < 60; i++) {
          state = loaded.call("forward", manager, pixels);
        }
        for (int i = 0; i < state.size(); i++) {
          TensorSpec spec = program.tensors().get(i);
          weights.put(spec.name(), Tensor.of(spec.shape(), state.get(i).toFloatArray()));
        }
      }
      return weights;
    }

    /**
     * Some channels matter more than others, and one not at all. Blocks add little to what they are
     * given, as random ones are chaotic otherwise: of ResNet-50, bfloat16 too would leave little.
     */
    private static Tensor gamma(String name, Tensor tensor) {
      double most = name.matches(".*bn[23]\\.weight") ? 0.5 : 1;
      float[] values = tensor.toFloats();
      for (int i = 0; i < values.length; i++) {
        double random = SeededRandom.of(i, name.hashCode()).nextDouble();
        values[i] = i == 1 ? 0 : (float) (most * (0.2 + 0.8 * random));
      }
      return Tensor.of(tensor.shape(), values);
    }

    /** uint8 {@code [IMAGES, 3, size, size]} channels-last. */
    NDArray pixels(NDManager manager) {
      ByteBuffer bytes = ByteBuffer.allocateDirect(IMAGES * size * size * 3);
      for (int i = 0; i < IMAGES; i++) {
        int classes = SampleImages.classNames().size();
        bytes.put(SampleImages.draw(i % classes, i, size, 1).pixels());
      }
      return manager
          .create(bytes.flip(), new Shape(IMAGES, size, size, 3), DataType.UINT8)
          .transpose(0, 3, 1, 2);
    }

    FrozenProgram program(Precision precision) {
      return new FrozenProgram(
          encoder, size, Normalization.IMAGENET, precision, precision == Precision.INT8);
    }

    NDArray encode(Map<String, Tensor> weights, Precision precision, NDArray images)
        throws IOException {
      FrozenProgram program = program(precision);
      try (LoadedProgram loaded = Programs.load(program.write(), program.fold(weights))) {
        if (program.fused()) {
          loaded.call(FrozenProgram.PACK, images.getManager(), images.get("0:1"));
        }
        return loaded.call("forward", images.getManager(), images).get(0);
      }
    }
  }

  private static void assumeProcessorFor8Bits() {
    assumeTrue(
        FrozenProgram.isFusedOn(Device.cpu(), Precision.INT8), "no processor for 8 bits here");
  }

  /** The distance is that to float32, of all images together. */
  @ParameterizedTest
  @MethodSource("cases")
  void isNotMuchLessExactThanBfloat16(Case images) throws IOException {
    assumeProcessorFor8Bits();
    Map<String, Tensor> weights = images.weights();
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray pixels = images.pixels(manager);
      NDArray exact = images.encode(weights, Precision.FP32, pixels);
      NDArray bf16 = images.encode(weights, Precision.BF16, pixels).sub(exact);
      NDArray int8 = images.encode(weights, Precision.INT8, pixels).sub(exact);
      float tolerance = 7 * bf16.norm().getFloat();
      assertThat(int8.norm().getFloat()).isLessThan(tolerance);
      assertThat(tolerance).isLessThan(exact.norm().getFloat());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isWhatPlainLoopsCompute(Case images) throws IOException {
    assumeProcessorFor8Bits();
    Map<String, Tensor> weights = images.weights();
    PlainQuantized plain =
        new PlainQuantized(
            EncoderGraph.of(images.encoder, images.size),
            images.program(Precision.INT8).fold(weights));
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray pixels = images.pixels(manager).get("0:2");
      NDArray actual = images.encode(weights, Precision.INT8, pixels);
      for (int image = 0; image < 2; image++) {
        double[] expected = plain.encode(channels(pixels.get(image), images.size));
        float[] found = actual.get(image).toFloatArray();
        for (int i = 0; i < found.length; i++) {
          assertThat((double) found[i]).isCloseTo(expected[i], Offset.offset(1e-6));
        }
      }
    }
  }

  /** Of 3 x 3 with a stride of 2 and a margin of 1, on any processor. */
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 2", "2, 1", "2, 2", "3, 4", "5, 3", "8, 8", "25, 25", "49, 75", "125, 6"})
  void maxPoolingIsThatOfPlainLoopsForAnySides(int height, int width) throws IOException {
    ScriptWriter script = new ScriptWriter();
    String pooled = new QuantizedLayers(script, 1, false).maxPool("x");
    script.method(
        "forward", List.of("x: Tensor"), "List[Tensor]", ScriptWriter.list(Stream.of(pooled)));
    ScriptProgram program = script.program();
    byte[] pixels = new byte[2 * 3 * height * width];
    new Random(1).nextBytes(pixels);
    try (LoadedProgram loaded = Programs.load(program, program.initialize(RandomStreams.of(1)));
        NDManager manager = loaded.newManager()) {
      NDArray x =
          manager.create(ByteBuffer.wrap(pixels), new Shape(2, 3, height, width), DataType.UINT8);
      NDArray result = loaded.call("forward", manager, x).get(0);
      int rows = (height + 1) / 2;
      int columns = (width + 1) / 2;
      assertThat(result.getShape()).isEqualTo(new Shape(2, 3, rows, columns));
      byte[] found = result.toByteArray();
      for (int i = 0; i < found.length; i++) {
        int plane = i / (rows * columns) * height * width;
        int row = i / columns % rows;
        int column = i % columns;
        int most = 0;
        for (int y = Math.max(0, 2 * row - 1); y <= Math.min(height - 1, 2 * row + 1); y++) {
          for (int z = Math.max(0, 2 * column - 1); z <= Math.min(width - 1, 2 * column + 1); z++) {
            most = Math.max(most, pixels[plane + y * width + z] & 0xFF);
          }
        }
        assertThat(found[i] & 0xFF).as("place %d", i).isEqualTo(most);
      }
    }
  }

  /** Of an input that is as it is on average, so is the output. */
  @ParameterizedTest
  @MethodSource("cases")
  void roundingKernelsChangesNoMean(Case images) throws IOException {
    EncoderGraph graph = EncoderGraph.of(images.encoder, images.size);
    Map<String, Tensor> weights = images.weights();
    Map<String, Tensor> exact = images.program(Precision.FP32).fold(weights);
    Quantization quantization = new Quantization(graph, Normalization.IMAGENET, weights);
    Map<String, Tensor> rounded = quantization.tensors(exact);
    for (Step step : graph.steps().subList(1, graph.steps().size())) {
      Convolution c = step.convolution();
      double[] in = quantization.scales(step.input());
      double[] out = quantization.scales(step.output());
      List<ActivationRange> ranges = quantization.ranges(step.input());
      float[] kernels = exact.get(c.weight()).toFloats();
      float[] integers = rounded.get(c.weight()).toFloats();
      int size = kernels.length / c.out();
      for (int o = 0; o < c.out(); o++) {
        double expected = exact.get(c.bias()).toFloats()[o];
        double sum = 0;
        float most = 0;
        for (int i = 0; i < size; i++) {
          int channel = i / (c.kernel() * c.kernel());
          float integer = integers[o * size + i];
          expected += kernels[o * size + i] * ranges.get(channel).mean();
          sum += integer * ranges.get(channel).mean() / in[channel];
          most = Math.max(most, Math.abs(integer));
        }
        double multiplier = rounded.get(c.name() + ".multiplier").toFloats()[o];
        double actual = (sum * multiplier + rounded.get(c.bias()).toFloats()[o]) * out[o];
        assertThat(actual).as(c.name()).isCloseTo(expected, Offset.offset(1e-5));
        assertThat(most).as(c.name()).isEqualTo(o == 1 ? 0 : 127);
      }
    }
  }

  @Test
  void nothingIsTrainedInIt() {
    ResNet encoder = new ResNet(ResNet.Depth.RESNET18, ResNet.Stem.CIFAR, 1, false);
    Sgd sgd = Sgd.of(0, false);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new TrainingProgram(
                    encoder,
                    32,
                    2,
                    ProjectionHead.of(8, 2),
                    new NtXent(0.5),
                    sgd,
                    0,
                    Normalization.NONE,
                    Precision.INT8,
                    SettingsVersion.NEWEST))
        .withMessage("nothing can be trained in INT8");
  }

  @Test
  void aChannelOfSmallValuesHasAFineScale() throws IOException {
    Case images = cases().iterator().next();
    EncoderGraph graph = EncoderGraph.of(images.encoder, images.size);
    Quantization quantization = new Quantization(graph, Normalization.IMAGENET, images.weights());
    for (Step step : graph.steps()) {
      double[] scales = quantization.scales(step.output());
      List<ActivationRange> ranges = quantization.ranges(step.output());
      for (int channel = 0; channel < scales.length; channel++) {
        double max = ranges.get(channel).max();
        double levels = max / scales[channel];
        assertThat(levels).isLessThan(step.relu() ? 255.001 : 127.001);
        if (step.convolution().name().matches("layer.*conv1") && max > 0) {
          assertThat(levels).isCloseTo(255, Offset.offset(0.001));
        }
      }
    }
  }

  private static int[][][] channels(NDArray image, int size) {
    byte[] bytes = image.toByteArray(); // [3, H, W]
    int[][][] pixels = new int[3][size][size];
    for (int i = 0; i < bytes.length; i++) {
      pixels[i / (size * size)][i / size % size][i % size] = bytes[i] & 0xFF;
    }
    return pixels;
  }
}
