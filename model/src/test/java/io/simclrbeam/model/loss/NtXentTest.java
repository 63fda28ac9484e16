package io.simclrbeam.model.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.simclrbeam.model.network.Golden;
import java.io.IOException;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class NtXentTest {
  private static final Offset<Double> CLOSE = within(2e-5);

  @Test
  void agreesWithPyTorch() throws IOException {
    for (JsonNode golden : Golden.read("nt_xent.json")) {
      double temperature = golden.get("temperature").asDouble();
      int d = golden.get("d").asInt();
      LossRun result = run(Golden.floats(golden.get("z")), d, temperature);
      assertThat(result.loss()).isCloseTo(golden.get("loss").asDouble(), CLOSE);
      assertThat(result.top1()).isCloseTo(golden.get("contrastive_top1").asDouble(), within(1e-6));
      float[] gradient = Golden.floats(golden.get("grad"));
      assertThat(result.gradient()).containsExactly(gradient, within(2e-5f));
    }
  }

  @Test
  void agreesWithTheLiteralAlgorithm() throws IOException {
    for (int n : new int[] {1, 2, 5, 17}) {
      for (double temperature : new double[] {0.05, 0.5, 1, 3}) {
        float[] z = LossRun.random(2 * n * 7, n);
        assertThat(run(z, 7, temperature).loss()).isCloseTo(literal(z, 7, temperature), CLOSE);
      }
    }
  }

  @Test
  void swappingTheViewsChangesNothing() throws IOException {
    float[] z = LossRun.random(12 * 5, 1);
    float[] swapped = new float[z.length];
    System.arraycopy(z, 0, swapped, z.length / 2, z.length / 2);
    System.arraycopy(z, z.length / 2, swapped, 0, z.length / 2);
    assertThat(run(swapped, 5, 0.2).loss()).isCloseTo(run(z, 5, 0.2).loss(), CLOSE);
  }

  @Test
  void lengthsDoNotCount() throws IOException {
    float[] z = LossRun.random(12 * 5, 2);
    float[] scaled = z.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= 1 + i / 5;
    }
    assertThat(run(scaled, 5, 0.2).loss()).isCloseTo(run(z, 5, 0.2).loss(), CLOSE);
  }

  @Test
  void collapsedProjectionsGiveTheLogOfTheNumberOfOthers() throws IOException {
    float[] z = new float[16 * 4];
    java.util.Arrays.fill(z, 0.7f);
    assertThat(run(z, 4, 0.5).loss()).isCloseTo(Math.log(15), CLOSE);
    assertThat(run(new float[16 * 4], 4, 0.5).loss()).isCloseTo(Math.log(15), CLOSE);
  }

  @Test
  void identicalPairsThatDifferFromAllOthersGiveNearlyZero() throws IOException {
    float[] z = new float[16 * 8];
    for (int row = 0; row < 16; row++) {
      z[row * 8 + row % 8] = 1;
    }
    LossRun result = run(z, 8, 0.05);
    assertThat(result.loss()).isCloseTo(0, within(1e-6));
    assertThat(result.top1()).isEqualTo(1);
  }

  /** Algorithm 1 of the paper, line by line; its images are numbered from 1, here from 0. */
  private static double literal(float[] z, int d, double temperature) {
    int rows = z.length / d;
    int n = rows / 2;
    double[][] s = LossRun.cosines(z, d);
    double total = 0;
    for (int k = 0; k < n; k++) {
      total += ell(s, k, k + n, temperature) + ell(s, k + n, k, temperature);
    }
    return total / (2 * n);
  }

  private static double ell(double[][] s, int i, int j, double temperature) {
    double sum = 0;
    for (int k = 0; k < s.length; k++) {
      if (k != i) {
        sum += Math.exp(s[i][k] / temperature);
      }
    }
    return -Math.log(Math.exp(s[i][j] / temperature) / sum);
  }

  private static LossRun run(float[] z, int d, double temperature) throws IOException {
    return LossRun.of(new NtXent(temperature), z, d);
  }
}
