package io.simclrbeam.model.network;

import io.simclrbeam.model.torchscript.Initialization;
import io.simclrbeam.model.torchscript.ScriptWriter;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import java.util.function.Supplier;

/**
 * Layers with torch.nn's names and meaning, each for itself.
 *
 * @param script where statements go
 * @param mode whether BatchNorm uses the batch's statistics or the running ones
 * @param precision the arithmetic of convolutions and matrix products
 */
public record ModuleLayers(ScriptWriter script, Mode mode, Precision precision) implements Layers {
  /** torch.nn.BatchNorm2d's. */
  static final String BATCH_NORM_MOMENTUM = "0.1";

  public static final double BATCH_NORM_EPSILON = 1e-5;

  /** The variable, a float, that {@link Mode#WITH_MOMENTUM} takes. */
  public static final String MOMENTUM = "momentum";

  /**
   * Channels of the widest block that oneDNN's kernels work on (AVX-512's, in float32 and, without
   * AMX, in bfloat16; AVX2's has 8). The weight gradient of a strided 1 x 1 convolution of fewer
   * input channels writes past its scratch memory, which crashes, hangs or gives wrong numbers
   * (uxlfoundation/oneDNN issue 6035). Grouped convolutions, the gradient of the input and the
   * forward pass were found to be sound. Training takes the pixels that the stride leaves first,
   * and then a convolution of stride 1, which is the same function. The limit is the same on every
   * processor and in every precision, so that the program does not depend on the machine.
   */
  private static final int WHOLE_BLOCK = 16;

  /** Which statistics BatchNorm uses. */
  public enum Mode {
    /** The batch's, and the running ones are updated. */
    TRAINING,
    /**
     * The batch's, and the running ones are updated by the share that the program's variable {@link
     * #MOMENTUM} says.
     */
    WITH_MOMENTUM,
    /** The batch's, and the running ones stay as they are. */
    UNTRACKED,
    /** What the module's {@code training} attribute says, which is false in a loaded archive. */
    AS_MODULE
  }

  @Override
  public BatchStatistics batchStatistics(String mean, String variance) {
    return switch (mode) {
      case TRAINING -> new BatchStatistics(mean, variance, "True", BATCH_NORM_MOMENTUM);
      case WITH_MOMENTUM -> new BatchStatistics(mean, variance, "True", MOMENTUM);
      case UNTRACKED -> new BatchStatistics("None", "None", "True", BATCH_NORM_MOMENTUM);
      case AS_MODULE -> new BatchStatistics(mean, variance, "self.training", BATCH_NORM_MOMENTUM);
    };
  }

  @Override
  public String convolution(Convolution c, String x) {
    if (mode != Mode.AS_MODULE && c.kernel() == 1 && c.stride() > 1 && c.in() < WHOLE_BLOCK) {
      String kept =
          script.let(
              "torch.slice(torch.slice(%s, 2, 0, None, %d), 3, 0, None, %d)",
              x, c.stride(), c.stride());
      return convolution(c.withStride(1), kept);
    }
    String weight =
        script.tensor(c.weight(), c.weightShape(), Role.WEIGHT, Initialization.HE_NORMAL);
    String y =
        script.let(
            "torch.conv2d(%s, %s, None, %s, %s, [1, 1], 1)",
            x, precision.operand(weight), c.strides(), c.padding());
    return batchNorm(y, c.norm(), c.out(), c.gamma(), true);
  }

  @Override
  public String convolutionRelu(Convolution c, String x) {
    return relu(convolution(c, x));
  }

  @Override
  public String convolutionAddRelu(Convolution c, String x, Supplier<String> shortcut) {
    String y = convolution(c, x);
    return relu(script.let("torch.add_(%s, %s)", y, shortcut.get()));
  }
}
