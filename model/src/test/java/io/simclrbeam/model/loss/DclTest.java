package io.simclrbeam.model.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.simclrbeam.model.network.Golden;
import io.simclrbeam.model.storage.Json;
import java.io.IOException;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DclTest {
  private static final Offset<Double> CLOSE = within(2e-5);

  @Test
  void agreesWithPyTorch() throws IOException {
    for (JsonNode golden : Golden.read("dcl.json")) {
      LossRun run =
          LossRun.of(
              new Dcl(golden.get("temperature").asDouble(), golden.get("weighted").asBoolean()),
              Golden.floats(golden.get("z")),
              golden.get("z").get(0).size());
      assertThat(run.loss()).isCloseTo(golden.get("loss").asDouble(), CLOSE);
      assertThat(run.gradient()).containsExactly(Golden.floats(golden.get("grad")), within(2e-5f));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void agreesWithTheEquations(boolean weighted) throws IOException {
    for (int n : new int[] {2, 5, 17}) {
      for (double temperature : new double[] {0.05, 0.5, 1, 3}) {
        float[] z = LossRun.random(2 * n * 7, n);
        assertThat(LossRun.of(new Dcl(temperature, weighted), z, 7).loss())
            .isCloseTo(literal(LossRun.cosines(z, 7), temperature, weighted), CLOSE);
      }
    }
  }

  private static double literal(double[][] s, double temperature, boolean weighted) {
    int n = s.length / 2;
    double all = 0;
    for (int pair = 0; pair < n; pair++) {
      all += Math.exp(s[pair][pair + n] / 0.5);
    }
    double total = 0;
    for (int i = 0; i < 2 * n; i++) {
      int j = (i + n) % (2 * n);
      double sum = 0;
      for (int k = 0; k < 2 * n; k++) {
        if (k != i && k != j) {
          sum += Math.exp(s[i][k] / temperature);
        }
      }
      double weight = weighted ? 2 - n * Math.exp(s[i][j] / 0.5) / all : 1;
      total += -weight * s[i][j] / temperature + Math.log(sum);
    }
    return total / (2 * n);
  }

  /** In a collapse all similarities are 1, and each of 2N - 2 negatives counts the same. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void collapsedProjectionsGiveTheLogOfTheNumberOfNegatives(boolean weighted) throws IOException {
    float[] z = new float[16 * 4];
    Arrays.fill(z, 0.7f);
    LossRun run = LossRun.of(new Dcl(0.5, weighted), z, 4);
    assertThat(run.loss()).isCloseTo(Math.log(14), CLOSE);
  }

  /** NT-Xent's sum has the positive too, so it is above, and close where negatives are many. */
  @Test
  void itIsNtXentWithoutThePositive() throws IOException {
    float[] z = LossRun.random(2 * 200 * 16, 5);
    double ntXent = LossRun.of(new NtXent(0.5), z, 16).loss();
    LossRun dcl = LossRun.of(new Dcl(0.5, false), z, 16);
    assertThat(dcl.loss()).isLessThan(ntXent).isCloseTo(ntXent, within(0.01));
    assertThat(dcl.top1()).isEqualTo(LossRun.of(new NtXent(0.5), z, 16).top1());
  }

  @Test
  void filesNameItByItsType() throws IOException {
    String json = Json.MAPPER.writeValueAsString(new Dcl(0.1, true));
    assertThat(json).isEqualTo("{\"type\":\"dcl\",\"temperature\":0.1,\"weighted\":true}");
    assertThat(Json.MAPPER.readValue(json, Loss.class)).isEqualTo(new Dcl(0.1, true));
    assertThatThrownBy(() -> new Dcl(0, false)).hasMessageContaining("temperature must be above 0");
  }
}
