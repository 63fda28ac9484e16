package io.simclrbeam.model.encoder;

import io.simclrbeam.model.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * Position embeddings of a vision transformer, for images of another number of patches: the class
 * token's stays, and those of the patches are a picture of a square grid that is resized. It is
 * bicubic with the corners kept, as in torchvision's {@code interpolate_embeddings}
 * (torchvision/models/vision_transformer.py).
 */
final class PositionGrid {
  private static final int TAPS = 4;

  /** The parameter of Keys's kernel that PyTorch uses (aten/src/ATen/native/UpSample.h). */
  private static final double A = -0.75;

  private PositionGrid() {}

  /**
   * Resizes.
   *
   * @param given float32 {@code [1, 1 + g * g, D]}
   * @param shape {@code [1, 1 + n * n, D]}
   * @return float32 of that shape; empty if one of the two is of another kind
   */
  static Optional<Tensor> resize(Tensor given, List<Long> shape) {
    int from = side(given.shape());
    int to = side(shape);
    if (from == 0 || to == 0 || !given.shape().get(2).equals(shape.get(2))) {
      return Optional.empty();
    }
    int width = Math.toIntExact(shape.get(2));
    float[] values = given.toFloats();
    float[] resized = new float[Math.toIntExact(Tensor.elements(shape))];
    System.arraycopy(values, 0, resized, 0, width); // of the class token
    double step = to == 1 ? 0 : (from - 1) / (double) (to - 1);
    for (int y = 0; y < to; y++) {
      for (int x = 0; x < to; x++) {
        double[] sum = new double[width];
        add(values, from, y * step, x * step, sum);
        for (int i = 0; i < width; i++) {
          resized[(1 + y * to + x) * width + i] = (float) sum[i];
        }
      }
    }
    return Optional.of(Tensor.of(shape, resized));
  }

  /** Returns the side of the grid; 0 if the shape is not that of a class token and a grid. */
  static int side(List<Long> shape) {
    if (shape.size() != 3 || shape.get(0) != 1) {
      return 0;
    }
    long patches = shape.get(1) - 1;
    int side = (int) Math.round(Math.sqrt((double) Math.max(0, patches)));
    return (long) side * side == patches ? side : 0;
  }

  private static void add(float[] values, int side, double y, double x, double[] sum) {
    int top = (int) y - 1;
    int left = (int) x - 1;
    for (int row = 0; row < TAPS; row++) {
      for (int column = 0; column < TAPS; column++) {
        double weight = weight(y - top - row) * weight(x - left - column);
        int token = 1 + within(top + row, side) * side + within(left + column, side);
        for (int i = 0; i < sum.length; i++) {
          sum[i] += weight * values[token * sum.length + i];
        }
      }
    }
  }

  /** What is beyond the edge is as the edge. */
  private static int within(int place, int side) {
    return Math.max(0, Math.min(side - 1, place));
  }

  /** Keys, "Cubic convolution interpolation for digital image processing" (1981), equation 4. */
  private static double weight(double distance) {
    double d = Math.abs(distance);
    if (d <= 1) {
      return ((A + 2) * d - (A + 3)) * d * d + 1;
    }
    return d < 2 ? ((A * d - 5 * A) * d + 8 * A) * d - 4 * A : 0;
  }
}
