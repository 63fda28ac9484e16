package io.simclrbeam.model.torchscript;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.simclrbeam.model.random.Purpose;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.model.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/** How a new tensor is filled; a function of the seed and the tensor's name alone. */
public enum Initialization {
  /** All 0. */
  ZEROS,
  /** All 1. */
  ONES,
  /**
   * Normal with variance 2 / fan_out, for weights before a ReLU: He et al., "Delving deep into
   * rectifiers" (arXiv 1502.01852), mode fan_out as torchvision's ResNets use it.
   */
  HE_NORMAL,
  /** Uniform in +-1 / sqrt(fan_in), torch.nn.Linear's. */
  LINEAR_UNIFORM,
  /**
   * Uniform in +-sqrt(6 / (fan_in + fan_out)), where fan_out is the size of the first axis: Glorot
   * and Bengio (AISTATS 2010), equation 16.
   */
  XAVIER_UNIFORM,
  /** Normal with variance 1 / fan_in: LeCun et al., "Efficient BackProp" (1998), section 4.6. */
  LECUN_NORMAL,
  /** Normal with standard deviation 0.02, for position embeddings (arXiv 2010.11929). */
  SMALL_NORMAL;

  /** Returns the values of a new tensor. */
  public Tensor create(String name, List<Long> shape, RandomStreams streams) {
    float[] values = new float[Math.toIntExact(Tensor.elements(shape))];
    SeededRandom random = streams.stream(Purpose.WEIGHTS, crc32(name));
    switch (this) {
      case ZEROS -> {}
      case ONES -> Arrays.fill(values, 1);
      case HE_NORMAL -> {
        double fanOut = Tensor.elements(shape) / (double) shape.get(1);
        fillNormal(values, Math.sqrt(2.0 / fanOut), random);
      }
      case LINEAR_UNIFORM -> {
        double fanIn = shape.get(shape.size() - 1);
        fillUniform(values, 1 / Math.sqrt(fanIn), random);
      }
      case XAVIER_UNIFORM ->
          fillUniform(values, Math.sqrt(6.0 / (fanIn(shape) + shape.get(0))), random);
      case LECUN_NORMAL -> fillNormal(values, Math.sqrt(1.0 / fanIn(shape)), random);
      case SMALL_NORMAL -> fillNormal(values, 0.02, random);
    }
    return Tensor.of(shape, values);
  }

  /** Returns how many numbers make one of the output. */
  private static long fanIn(List<Long> shape) {
    return Tensor.elements(shape) / shape.get(0);
  }

  private static void fillNormal(float[] values, double std, SeededRandom random) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (std * random.nextGaussian());
    }
  }

  private static void fillUniform(float[] values, double bound, SeededRandom random) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.uniform(-bound, bound);
    }
  }

  private static long crc32(String name) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(UTF_8));
    return crc.getValue();
  }
}
