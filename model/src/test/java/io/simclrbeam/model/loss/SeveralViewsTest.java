package io.simclrbeam.model.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses of two and more views, at once and in tiles. */
final class SeveralViewsTest {
  private static final int D = 7;

  static Stream<Loss> losses() {
    return Stream.of(new NtXent(0.5), new NtXent(0.05), new Dcl(0.2, false), new Dcl(0.2, true));
  }

  /** A loss of another module, which knows two views and writes no tiles. */
  @Test
  void aLossWithoutTilesHasItsGradientByAutograd() throws IOException {
    float[] z = LossRun.random(2 * 5 * D, 5);
    LossRun whole = LossRun.of(new MeanDistance(0.5), z, D);
    LossRun gradient = LossRun.ofGradient(new MeanDistance(0.5), z, D, 2);
    assertThat(gradient.loss()).isEqualTo(whole.loss());
    assertThat(gradient.gradient()).isEqualTo(whole.gradient());
    assertThat(most(gradient.gradient())).isPositive();
  }

  /** 2 x 1,100 rows are several tiles, and the last one is smaller. */
  @ParameterizedTest
  @MethodSource("losses")
  void tilesAreTheWholeButForRounding(Loss loss) throws IOException {
    for (int[] shape : new int[][] {{2, 2}, {2, 5}, {3, 5}, {5, 4}, {2, 1100}, {3, 800}}) {
      int views = shape[0];
      float[] z = LossRun.random(views * shape[1] * D, shape[1]);
      LossRun whole = LossRun.of(loss, z, D, views);
      LossRun tiles = LossRun.ofGradient(loss, z, D, views);
      assertThat(tiles.loss()).isCloseTo(whole.loss(), within(1e-5 * Math.abs(whole.loss())));
      assertThat(tiles.top1()).isCloseTo(whole.top1(), within(1e-6));
      float most = most(whole.gradient());
      assertThat(most).isPositive();
      float[] close = new float[z.length];
      for (int i = 0; i < z.length; i++) {
        close[i] = (tiles.gradient()[i] - whole.gradient()[i]) / most;
      }
      assertThat(most(close)).as("%s %s", loss, Arrays.toString(shape)).isLessThan(1e-4f);
    }
  }

  private static float most(float[] values) {
    float most = 0;
    for (float value : values) {
      most = Math.max(most, Math.abs(value));
    }
    return most;
  }

  @ParameterizedTest
  @MethodSource("losses")
  void agreesWithTheEquations(Loss loss) throws IOException {
    for (int[] shape : new int[][] {{2, 3}, {3, 1}, {3, 6}, {4, 17}}) {
      if (loss instanceof Dcl && shape[1] == 1) {
        continue; // which has no negatives then
      }
      float[] z = LossRun.random(shape[0] * shape[1] * D, 3);
      assertThat(LossRun.of(loss, z, D, shape[0]).loss())
          .isCloseTo(literal(loss, LossRun.cosines(z, D), shape[0]), within(2e-5));
    }
  }

  /** The mean over all anchors, with sums written out. */
  private static double literal(Loss loss, double[][] s, int views) {
    boolean decoupled = loss instanceof Dcl;
    double t = decoupled ? ((Dcl) loss).temperature() : ((NtXent) loss).temperature();
    int rows = s.length;
    int images = rows / views;
    double[] positives = new double[rows];
    double[] logs = new double[rows];
    for (int i = 0; i < rows; i++) {
      double sum = 0;
      for (int k = 0; k < rows; k++) {
        boolean positive = k != i && k % images == i % images;
        positives[i] += positive ? s[i][k] / (views - 1) : 0;
        sum += k == i || (decoupled && positive) ? 0 : Math.exp(s[i][k] / t);
      }
      logs[i] = Math.log(sum);
    }
    double all = Arrays.stream(positives).map(p -> Math.exp(p / 0.5)).sum();
    boolean weighted = decoupled && ((Dcl) loss).weighted();
    return IntStream.range(0, rows)
            .mapToDouble(
                i -> {
                  double weight = weighted ? 2 - rows * Math.exp(positives[i] / 0.5) / all : 1;
                  return logs[i] - weight * positives[i] / t;
                })
            .sum()
        / rows;
  }

  @ParameterizedTest
  @MethodSource("losses")
  void collapsedProjectionsGiveTheLogOfTheNumberOfOthers(Loss loss) throws IOException {
    float[] z = new float[3 * 8 * 4];
    Arrays.fill(z, 0.7f);
    int others = loss instanceof Dcl ? 21 : 23;
    LossRun whole = LossRun.of(loss, z, 4, 3);
    LossRun tiles = LossRun.ofGradient(loss, z, 4, 3);
    assertThat(whole.loss()).isCloseTo(Math.log(others), within(2e-5));
    assertThat(tiles.loss()).isCloseTo(Math.log(others), within(2e-5));
    assertThat(most(tiles.gradient())).isLessThan(1e-5f);
  }
}
