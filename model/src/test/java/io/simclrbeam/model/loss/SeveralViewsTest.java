package io.simclrbeam.model.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.simclrbeam.model.network.Golden;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses of two and more views, at once and in tiles. */
final class SeveralViewsTest {
  private static final int D = 7;

  static Stream<Loss> losses() {
    return Stream.of(
        new NtXent(0.5),
        new NtXent(0.05),
        new Dcl(0.2, false),
        new Dcl(0.2, true),
        new SupCon(0.1));
  }

  @Test
  void agreesWithPyTorch() throws IOException {
    for (JsonNode golden : Golden.read("several_views.json")) {
      double temperature = golden.get("temperature").asDouble();
      String name = golden.get("loss_name").asText();
      Loss loss =
          switch (name) {
            case "ntxent" -> new NtXent(temperature);
            case "supcon" -> new SupCon(temperature);
            default -> new Dcl(temperature, name.equals("dclw"));
          };
      int views = golden.get("views").asInt();
      float[] z = Golden.floats(golden.get("z"));
      int d = golden.get("z").get(0).size();
      long[] classes =
          StreamSupport.stream(golden.get("classes").spliterator(), false)
              .mapToLong(JsonNode::asLong)
              .toArray();
      float[] gradient = Golden.floats(golden.get("grad"));
      for (LossRun run :
          List.of(
              LossRun.of(loss, z, d, views, classes),
              LossRun.ofGradient(loss, z, d, views, classes))) {
        assertThat(run.loss()).isCloseTo(golden.get("loss").asDouble(), within(2e-5));
        assertThat(run.top1()).isCloseTo(golden.get("top1").asDouble(), within(1e-6));
        assertThat(run.gradient()).containsExactly(gradient, within(2e-5f));
      }
    }
  }

  @Test
  void imagesThatAreClassesOfTheirOwnMakeSupConNtXent() throws IOException {
    float[] z = LossRun.random(3 * 6 * D, 9);
    LossRun own = LossRun.of(new SupCon(0.2), z, D, 3, new long[] {4, 0, 9, 1, 7, -3});
    LossRun ntXent = LossRun.of(new NtXent(0.2), z, D, 3);
    assertThat(own.loss()).isCloseTo(ntXent.loss(), within(1e-6));
    assertThat(own.top1()).isEqualTo(ntXent.top1());
    assertThat(own.gradient()).containsExactly(ntXent.gradient(), within(1e-6f));
    assertThat(LossRun.of(new SupCon(0.2), z, D, 3).loss()).isNotCloseTo(own.loss(), within(0.1));
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
    double t =
        loss instanceof Dcl dcl
            ? dcl.temperature()
            : loss instanceof SupCon supCon ? supCon.temperature() : ((NtXent) loss).temperature();
    int rows = s.length;
    int images = rows / views;
    long[] classes =
        loss instanceof SupCon ? LossRun.classes(images) : LongStream.range(0, images).toArray();
    double[] positives = new double[rows];
    double[] logs = new double[rows];
    for (int i = 0; i < rows; i++) {
      double sum = 0;
      int count = 0;
      for (int k = 0; k < rows; k++) {
        boolean positive = k != i && classes[k % images] == classes[i % images];
        count += positive ? 1 : 0;
        positives[i] += positive ? s[i][k] : 0;
        sum += k == i || (decoupled && positive) ? 0 : Math.exp(s[i][k] / t);
      }
      positives[i] /= count;
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
