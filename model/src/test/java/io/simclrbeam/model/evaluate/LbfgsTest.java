package io.simclrbeam.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class LbfgsTest {
  /** Rosenbrock's valley in n dimensions, with its only minimum of 0 at (1, ..., 1) for n = 2. */
  private static double rosenbrock(double[] x, double[] gradient) {
    double a = x[1] - x[0] * x[0];
    double b = 1 - x[0];
    gradient[0] = -400 * a * x[0] - 2 * b;
    gradient[1] = 200 * a;
    return 100 * a * a + b * b;
  }

  @Test
  void findsTheEndOfRosenbrocksValley() {
    Lbfgs.Minimum minimum =
        Lbfgs.minimize(LbfgsTest::rosenbrock, new double[] {-1.2, 1}, 1e-9, 1000);
    assertThat(minimum.converged()).isTrue();
    assertThat(minimum.gradientNorm()).isLessThanOrEqualTo(1e-9);
    assertThat(minimum.point()).containsExactly(new double[] {1, 1}, Offset.offset(1e-8));
    assertThat(minimum.iterations()).isBetween(10, 100);
  }

  @Test
  void solvesAnIllConditionedQuadratic() {
    int n = 50;
    Lbfgs.Objective quadratic =
        (x, gradient) -> {
          double value = 0;
          for (int i = 0; i < n; i++) {
            double curvature = Math.pow(10, 4.0 * i / (n - 1));
            gradient[i] = curvature * (x[i] - i);
            value += curvature * (x[i] - i) * (x[i] - i) / 2;
          }
          return value;
        };
    Lbfgs.Minimum minimum = Lbfgs.minimize(quadratic, new double[n], 1e-6, 2000);
    assertThat(minimum.converged()).isTrue();
    for (int i = 0; i < n; i++) {
      assertThat(minimum.point()[i]).isCloseTo(i, Offset.offset(2e-6));
    }
  }

  @Test
  void staysAtAMinimum() {
    double[] start = {1, 1};
    Lbfgs.Minimum minimum = Lbfgs.minimize(LbfgsTest::rosenbrock, start, 1e-9, 1000);
    assertThat(minimum.iterations()).isZero();
    assertThat(minimum.point()).containsExactly(1, 1);
    assertThat(minimum.converged()).isTrue();
  }

  @Test
  void saysWhenTheIterationsRunOut() {
    Lbfgs.Minimum minimum = Lbfgs.minimize(LbfgsTest::rosenbrock, new double[] {-1.2, 1}, 1e-9, 3);
    assertThat(minimum.iterations()).isEqualTo(3);
    assertThat(minimum.converged()).isFalse();
    assertThat(minimum.gradientNorm()).isGreaterThan(1e-9);
  }

  @Test
  void stopsWhereRoundingHidesTheDescent() {
    Lbfgs.Objective absolute =
        (x, gradient) -> {
          gradient[0] = Math.signum(x[0]);
          return Math.abs(x[0]);
        };
    Lbfgs.Minimum minimum = Lbfgs.minimize(absolute, new double[] {3}, 1e-9, 1000);
    assertThat(minimum.point()[0]).isCloseTo(0, Offset.offset(1e-9));
  }
}
