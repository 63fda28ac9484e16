package io.simclrbeam.model.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.encoder.EncoderProgram;
import io.simclrbeam.model.encoder.Pixels;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.encoder.TinyTransformer;
import io.simclrbeam.model.network.Layers;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.network.Programs;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.torchscript.LoadedProgram;
import io.simclrbeam.model.torchscript.ScriptProgram;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compiled inference takes the layers that it knows and leaves the others as they are. */
final class FrozenProgramTest {
  private static final int SIZE = 16;
  private static final ResNet RESNET =
      new ResNet(ResNet.Depth.RESNET18, ResNet.Stem.CIFAR, 0.25, false);

  /** A ResNet with a layer that is not folded, after its convolutions or amid them. */
  private record WithLinear(boolean amid) implements Encoder {
    @Override
    public String name() {
      return "with_linear";
    }

    @Override
    public int dimension(int imageSize) {
      return 5;
    }

    @Override
    public long activations(int imageSize) {
      return RESNET.activations(imageSize);
    }

    @Override
    public String write(Layers layers, String images, int imageSize) {
      String x = amid ? layers.script().let("torch.mul(%s, 2)", images) : images;
      String h = RESNET.write(layers, x, imageSize);
      String operand = layers.script().let("%s", layers.precision().operand(h));
      return layers.toFloat(layers.linear(operand, "last", RESNET.dimension(imageSize), 5, true));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "transformer, FP32, false, 1e-5",
    "transformer, FP32, true, 1e-5",
    "transformer, BF16, false, 0.05",
    "transformer, BF16, true, 0.05",
    "linear, FP32, false, 1e-4",
    "linear, FP32, true, 1e-4",
    "linear, BF16, true, 0.05"
  })
  void otherLayersStayAsTheyAre(String name, Precision precision, boolean fused, double tolerance)
      throws IOException {
    assumeTrue(!fused || FrozenProgram.isFusedOn(Device.cpu(), precision));
    Encoder encoder = name.equals("linear") ? new WithLinear(false) : new TinyTransformer(4, 8, 2);
    ScriptProgram script = new EncoderProgram(encoder, SIZE, Normalization.IMAGENET).write();
    Map<String, Tensor> weights = script.initialize(RandomStreams.of(3));
    FrozenProgram frozen =
        new FrozenProgram(encoder, SIZE, Normalization.IMAGENET, precision, fused);
    try (LoadedProgram expected = Programs.load(script, weights);
        LoadedProgram actual = Programs.load(frozen.write(), frozen.fold(weights));
        NDManager manager = expected.newManager()) {
      NDArray pixels = manager.randomInteger(0, 256, new Shape(3, 3, SIZE, SIZE), DataType.UINT8);
      float[] right = expected.call("forward", manager, pixels).get(0).toFloatArray();
      if (fused) {
        actual.call(FrozenProgram.PACK, manager, pixels);
      }
      float[] found = actual.call("forward", manager, pixels).get(0).toFloatArray();
      double error = 0;
      double size = 0;
      for (int i = 0; i < right.length; i++) {
        error += Math.pow(right[i] - found[i], 2);
        size += Math.pow(right[i], 2);
      }
      assertThat(Math.sqrt(error / size)).isLessThan(tolerance);
    }
  }

  @Test
  void int8IsForConvolutionsBetweenImagesAndOneConversion() {
    assertThat(FrozenProgram.isQuantizable(RESNET, SIZE)).isTrue();
    assertThat(FrozenProgram.isQuantizable(new Pixels(), SIZE)).isFalse();
    assertThat(FrozenProgram.isQuantizable(new TinyTransformer(4, 8, 2), SIZE)).isFalse();
    assertThat(FrozenProgram.isQuantizable(new WithLinear(true), SIZE)).isFalse();
  }
}
