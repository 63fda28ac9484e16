package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simclrbeam.model.random.SeededRandom;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class SoftmaxRegressionTest {
  private static final LabeledEmbeddings TRAIN =
      TestEmbeddings.clouds(5000, 6, 4, 2, 1); // 2 tiles each
  private static final Standardization STANDARDISATION = Standardization.of(TRAIN);
  private static final Classes CLASSES = Classes.of(TRAIN);

  private static SoftmaxRegression objective() {
    return new SoftmaxRegression(
        TRAIN, STANDARDISATION, CLASSES.indices(TRAIN), CLASSES.count(), 0.3);
  }

  private static double[] weights(long seed) {
    SeededRandom random = SeededRandom.of(seed);
    double[] weights = new double[CLASSES.count() * (TRAIN.dimension() + 1)];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = random.nextGaussian();
    }
    return weights;
  }

  @Test
  void isTheDefinition() {
    double[] weights = weights(1);
    double[][] features = STANDARDISATION.rows(TRAIN, 0, TRAIN.size());
    int[] classes = CLASSES.indices(TRAIN);
    double loss = 0;
    double[] gradient = new double[weights.length];
    for (int i = 0; i < features.length; i++) {
      double[] exponentials = new double[4];
      double sum = 0;
      for (int c = 0; c < 4; c++) {
        for (int j = 0; j < 7; j++) {
          exponentials[c] += weights[c * 7 + j] * features[i][j];
        }
        exponentials[c] = Math.exp(exponentials[c]);
        sum += exponentials[c];
      }
      loss -= Math.log(exponentials[classes[i]] / sum) / features.length;
      for (int c = 0; c < 4; c++) {
        double residual = exponentials[c] / sum - (c == classes[i] ? 1 : 0);
        for (int j = 0; j < 7; j++) {
          gradient[c * 7 + j] += residual * features[i][j] / features.length;
        }
      }
    }
    for (int i = 0; i < weights.length; i++) {
      if (i % 7 != 6) {
        loss += 0.3 / 2 * weights[i] * weights[i];
        gradient[i] += 0.3 * weights[i];
      }
    }
    double[] computed = new double[weights.length];
    assertThat(objective().evaluate(weights, computed)).isCloseTo(loss, Offset.offset(1e-12));
    assertThat(computed).containsExactly(gradient, Offset.offset(1e-12));
  }

  @Test
  void hasTheGradientOfItsValue() {
    double[] weights = weights(2);
    double[] gradient = new double[weights.length];
    objective().evaluate(weights, gradient);
    double[] ignored = new double[weights.length];
    for (int i = 0; i < weights.length; i++) {
      double[] ahead = weights.clone();
      double[] behind = weights.clone();
      ahead[i] += 1e-5;
      behind[i] -= 1e-5;
      double slope =
          (objective().evaluate(ahead, ignored) - objective().evaluate(behind, ignored)) / 2e-5;
      assertThat(gradient[i]).isCloseTo(slope, Offset.offset(1e-8));
    }
  }

  @Test
  void staysFiniteAtHugeScores() {
    double[] weights = weights(3);
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= 1e4;
    }
    double[] gradient = new double[weights.length];
    assertThat(objective().evaluate(weights, gradient)).isFinite();
    assertThat(gradient).doesNotContain(Double.NaN);
  }

  @Test
  void isTheSameWithAnyNumberOfThreads() throws Exception {
    double[] one = new double[weights(1).length];
    double[] five = new double[one.length];
    assertThat(evaluate(5, five)).isEqualTo(evaluate(1, one));
    assertThat(five).containsExactly(one);
  }

  private static double evaluate(int threads, double[] gradient) throws Exception {
    ForkJoinPool pool = new ForkJoinPool(threads);
    try {
      return pool.submit(() -> objective().evaluate(weights(1), gradient)).get();
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void agreesWithScikitLearn() throws IOException {
    JsonNode golden =
        new ObjectMapper()
            .readTree(SoftmaxRegressionTest.class.getResource("logistic-regression.json"));
    int n = golden.get("x").size();
    int d = golden.get("x").get(0).size();
    float[][] rows = new float[n][d];
    int[] classes = new int[n];
    for (int i = 0; i < n; i++) {
      classes[i] = golden.get("y").get(i).intValue();
      for (int j = 0; j < d; j++) {
        rows[i][j] = golden.get("x").get(i).get(j).floatValue();
      }
    }
    LabeledEmbeddings embeddings = TestEmbeddings.of(rows, classes);
    Standardization standardization = Standardization.of(embeddings);
    assertThat(golden.get("fits")).hasSize(3);
    for (JsonNode fit : golden.get("fits")) {
      SoftmaxRegression objective =
          new SoftmaxRegression(
              embeddings, standardization, classes, 3, fit.get("regularization").doubleValue());
      Lbfgs.Minimum minimum = Lbfgs.minimize(objective, new double[3 * (d + 1)], 1e-9, 10_000);
      assertThat(minimum.converged()).isTrue();
      assertThat(minimum.value()).isCloseTo(fit.get("loss").doubleValue(), Offset.offset(1e-10));
      List<Double> coefficients = new ArrayList<>();
      for (JsonNode row : fit.get("coef")) {
        row.forEach(value -> coefficients.add(value.doubleValue()));
      }
      for (int c = 0; c < 3; c++) {
        for (int j = 0; j < d; j++) {
          assertThat(minimum.point()[c * (d + 1) + j])
              .isCloseTo(coefficients.get(c * d + j), Offset.offset(1e-4));
        }
        // Intercepts are defined up to a common constant; the golden ones sum to 0.
        assertThat(minimum.point()[c * (d + 1) + d])
            .isCloseTo(fit.get("intercept").get(c).doubleValue(), Offset.offset(1e-4));
      }
      LinearProbe probe = LinearProbe.fit(embeddings, fit.get("regularization").doubleValue());
      assertThat(probe.top1(embeddings))
          .isCloseTo(fit.get("accuracy").doubleValue(), Offset.offset(1.5 / n));
    }
  }
}
