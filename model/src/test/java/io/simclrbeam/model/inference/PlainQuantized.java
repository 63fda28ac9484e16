package io.simclrbeam.model.inference;

import io.simclrbeam.model.inference.EncoderGraph.Step;
import io.simclrbeam.model.network.Convolution;
import io.simclrbeam.model.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/** Computes an encoder in 8-bit integers by loops over images {@code [C][H][W]}. */
final class PlainQuantized {
  private final EncoderGraph graph;
  private final Map<String, Tensor> tensors;
  private final Map<String, int[][][]> values = new HashMap<>();

  PlainQuantized(EncoderGraph graph, Map<String, Tensor> tensors) {
    this.graph = graph;
    this.tensors = tensors;
  }

  /** Returns the representation of pixels {@code [3][H][W]}. */
  double[] encode(int[][][] pixels) {
    values.clear();
    values.put(EncoderGraph.IMAGES, pixels);
    for (Step step : graph.steps()) {
      values.put(step.output(), convolution(step));
    }
    int[][][] last = values.get(graph.result());
    double[] means = new double[last.length];
    for (int channel = 0; channel < last.length; channel++) {
      for (int[] row : last[channel]) {
        for (int value : row) {
          means[channel] +=
              (double) value * floats("scale")[channel] / (last[channel].length * row.length);
        }
      }
    }
    return means;
  }

  private int[][][] value(String variable) {
    int[][][] value = values.get(variable);
    return value != null ? value : maxPool(values.get(graph.source(variable)));
  }

  private int[][][] convolution(Step step) {
    Convolution c = step.convolution();
    int[][][] x = value(step.input());
    boolean images = step.input().equals(EncoderGraph.IMAGES);
    int height = (x[0].length + c.stride() - 1) / c.stride();
    int width = (x[0][0].length + c.stride() - 1) / c.stride();
    int[][][] y = new int[c.out()][height][width];
    float[] kernels = floats(c.weight());
    for (int o = 0; o < c.out(); o++) {
      for (int row = 0; row < height; row++) {
        for (int column = 0; column < width; column++) {
          long sum = 0;
          for (int i = 0; i < c.in(); i++) {
            int outside = images ? (int) floats("padding")[i] : 0;
            for (int k = 0; k < c.kernel(); k++) {
              for (int l = 0; l < c.kernel(); l++) {
                int r = row * c.stride() + k - c.kernel() / 2;
                int s = column * c.stride() + l - c.kernel() / 2;
                boolean inside = r >= 0 && r < x[i].length && s >= 0 && s < x[i][r].length;
                float weight = kernels[((o * c.in() + i) * c.kernel() + k) * c.kernel() + l];
                sum += Math.round(weight) * (long) (inside ? x[i][r][s] : outside);
              }
            }
          }
          float real = sum * floats(c.name() + ".multiplier")[o] + floats(c.bias())[o];
          if (step.shortcut() != null) {
            int zero = isSigned(step.shortcut()) ? 128 : 0;
            int added = value(step.shortcut())[o][row][column] - zero;
            real += added * floats(c.name() + ".shortcut")[0];
          }
          int level = (int) Math.rint(step.relu() ? Math.max(0, real) : real + 128);
          y[o][row][column] = Math.max(0, Math.min(255, level));
        }
      }
    }
    return y;
  }

  private boolean isSigned(String variable) {
    return graph.steps().stream().anyMatch(step -> step.output().equals(variable) && !step.relu());
  }

  private static int[][][] maxPool(int[][][] x) {
    int height = (x[0].length + 1) / 2;
    int width = (x[0][0].length + 1) / 2;
    int[][][] y = new int[x.length][height][width];
    for (int channel = 0; channel < x.length; channel++) {
      for (int row = 0; row < x[channel].length; row++) {
        for (int column = 0; column < x[channel][row].length; column++) {
          // A place is in the windows around the halves of its coordinates, rounded both ways.
          for (int r = row / 2; r <= Math.min((row + 1) / 2, height - 1); r++) {
            for (int s = column / 2; s <= Math.min((column + 1) / 2, width - 1); s++) {
              y[channel][r][s] = Math.max(y[channel][r][s], x[channel][row][column]);
            }
          }
        }
      }
    }
    return y;
  }

  private float[] floats(String name) {
    return tensors.get(name).toFloats();
  }
}
