package io.simclrbeam.model.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.simclrbeam.model.network.Programs;
import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.model.torchscript.LoadedProgram;
import io.simclrbeam.model.torchscript.ScriptWriter;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** What a loss makes of projections, row-major {@code [KN, D]}. */
record LossRun(double loss, double top1, float[] gradient) {
  /** A class of one image, and others of several. */
  static long[] classes(int images) {
    return LongStream.range(0, images).map(i -> i == 2 ? -1 : 1000 * (i * i % 3)).toArray();
  }

  /** Two views of each image, with the gradient by autograd. */
  static LossRun of(Loss loss, float[] z, int d) throws IOException {
    return of(loss, z, d, 2);
  }

  /** With the gradient by autograd. */
  static LossRun of(Loss loss, float[] z, int d, int views) throws IOException {
    return of(loss, z, d, views, classes(z.length / d / views));
  }

  /** With the classes of the images, which a loss may not read. */
  static LossRun of(Loss loss, float[] z, int d, int views, long[] classes) throws IOException {
    ScriptWriter script = new ScriptWriter();
    return run(script, loss.byAutograd(script, "z", views), z, d, classes);
  }

  /** With the gradient that the loss writes itself. */
  static LossRun ofGradient(Loss loss, float[] z, int d, int views) throws IOException {
    return ofGradient(loss, z, d, views, classes(z.length / d / views));
  }

  /** With the gradient that the loss writes itself. */
  static LossRun ofGradient(Loss loss, float[] z, int d, int views, long[] classes)
      throws IOException {
    ScriptWriter script = new ScriptWriter();
    return run(script, loss.writeGradient(script, "z", views), z, d, classes);
  }

  private static LossRun run(
      ScriptWriter script, Loss.Gradient gradient, float[] z, int d, long[] classes)
      throws IOException {
    Loss.Outputs outputs = gradient.outputs();
    script.method(
        "forward",
        List.of("z: Tensor", Loss.CLASSES + ": Tensor"),
        "List[Tensor]",
        "[torch.detach(%s), %s, %s]"
            .formatted(outputs.loss(), outputs.contrastiveTop1(), gradient.atZ()));
    try (LoadedProgram program = Programs.load(script.program(), Map.of());
        NDManager manager = program.newManager()) {
      NDArray input = manager.create(z, new Shape(z.length / d, d));
      NDList result = program.callWithAutograd("forward", manager, input, manager.create(classes));
      return new LossRun(
          result.get(0).getFloat(), result.get(1).getFloat(), result.get(2).toFloatArray());
    }
  }

  /** Returns numbers of a normal distribution. */
  static float[] random(int length, long seed) {
    SeededRandom random = SeededRandom.of(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Returns the cosine similarity of all pairs of rows, the slow and obvious way. */
  static double[][] cosines(float[] z, int d) {
    int rows = z.length / d;
    double[][] s = new double[rows][rows];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < rows; j++) {
        s[i][j] = dot(z, i, j, d) / Math.sqrt(dot(z, i, i, d) * dot(z, j, j, d));
      }
    }
    return s;
  }

  private static double dot(float[] z, int i, int j, int d) {
    double sum = 0;
    for (int c = 0; c < d; c++) {
      sum += (double) z[i * d + c] * z[j * d + c];
    }
    return sum;
  }
}
