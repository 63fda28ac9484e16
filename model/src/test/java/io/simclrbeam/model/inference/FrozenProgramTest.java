package io.simclrbeam.model.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.encoder.EncoderProgram;
import io.simclrbeam.model.encoder.Pixels;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.encoder.TinyTransformer;
import io.simclrbeam.model.network.Layers;
import io.simclrbeam.model.network.Linear;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.tensor.Tensor;
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
      return layers.toFloat(
          layers.linear(Linear.of("last", RESNET.dimension(imageSize), 5, true), h));
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
    Encoder encoder = name.equals("linear") ? new WithLinear(false) : new TinyTransformer(4, 8, 2);
    ScriptProgram script = new EncoderProgram(encoder, SIZE, Normalization.IMAGENET).write();
    Map<String, Tensor> weights = script.initialize(RandomStreams.of(3));
    FrozenComparison.assertSame(encoder, SIZE, weights, precision, fused, tolerance);
  }

  @Test
  void int8IsForConvolutionsBetweenImagesAndOneConversion() {
    assertThat(FrozenProgram.isQuantizable(RESNET, SIZE)).isTrue();
    assertThat(FrozenProgram.isQuantizable(new Pixels(), SIZE)).isFalse();
    assertThat(FrozenProgram.isQuantizable(new TinyTransformer(4, 8, 2), SIZE)).isFalse();
    assertThat(FrozenProgram.isQuantizable(new WithLinear(true), SIZE)).isFalse();
  }
}
