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
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.network.Programs;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.torchscript.LoadedProgram;
import java.io.IOException;
import java.util.Map;

/** Compares an encoder as it is applied with the encoder as users get it. */
public final class FrozenComparison {
  private FrozenComparison() {}

  /** Fails unless the norm of the difference is below a share of the norm of what is right. */
  public static void assertSame(
      Encoder encoder,
      int imageSize,
      Map<String, Tensor> weights,
      Precision precision,
      boolean fused,
      double tolerance)
      throws IOException {
    assumeTrue(!fused || FrozenProgram.isFusedOn(Device.cpu(), precision));
    Normalization normalization = Normalization.IMAGENET;
    FrozenProgram frozen = new FrozenProgram(encoder, imageSize, normalization, precision, fused);
    try (LoadedProgram expected =
            Programs.load(new EncoderProgram(encoder, imageSize, normalization).write(), weights);
        LoadedProgram actual = Programs.load(frozen.write(), frozen.fold(weights));
        NDManager manager = expected.newManager()) {
      NDArray pixels =
          manager.randomInteger(0, 256, new Shape(3, 3, imageSize, imageSize), DataType.UINT8);
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
}
