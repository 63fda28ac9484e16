package io.simclrbeam.model.evaluate;

import static java.util.concurrent.TimeUnit.HOURS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simclrbeam.model.random.SeededRandom;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Simulated nights of embeddings. A night's mean and covariance are drawn at once, and not from
 * embeddings, so that 100,000 images take no longer than D.
 *
 * <p>{@code ./dev test -pl model -am -Dtest=FrechetNoiseTest -DsimulatedNights=1000
 * -Dsurefire.failIfNoSpecifiedTests=false} prints the tables of docs/design/publication.md, in
 * about two hours of a core that has nothing else to do.
 */
final class FrechetNoiseTest {
  /** The default of {@code --maxFrechet}. */
  private static final double LIMIT = 1;

  /** Up to so many degrees of freedom, a chi-square number is drawn as what it is. */
  private static final int FEW_SQUARES = 100;

  /** Variances of the principal components of embeddings. */
  private enum Spectrum {
    /** All alike: no spectrum has more noise. */
    FLAT(0),
    /** Falling as those of trained encoders do. */
    FALLING(1);

    private final int power;

    Spectrum(int power) {
      this.power = power;
    }

    double[] of(int dimension) {
      return IntStream.range(0, dimension).mapToDouble(i -> Math.pow(i + 1, -power)).toArray();
    }
  }

  /**
   * A night of images.
   *
   * @param mean {@code [D]}
   * @param factor {@code [k, D]}; its transpose times it is the covariance
   */
  private record Night(long count, double[] mean, DMatrixRMaj factor) {
    /**
     * Draws a night, by Bartlett's decomposition of a Wishart matrix if it has more than D images.
     */
    static Night draw(double[] variances, double[] center, long count, SeededRandom random) {
      int dimension = variances.length;
      double[] mean = center.clone();
      double[] scales = new double[dimension];
      for (int d = 0; d < dimension; d++) {
        scales[d] = Math.sqrt(variances[d] / count);
        mean[d] += scales[d] * random.nextGaussian();
      }
      long freedom = count - 1;
      boolean triangle = freedom >= dimension;
      DMatrixRMaj factor = new DMatrixRMaj(triangle ? dimension : (int) freedom, dimension);
      for (int i = 0; i < factor.numRows; i++) {
        for (int d = triangle ? i + 1 : 0; d < dimension; d++) {
          factor.set(i, d, scales[d] * random.nextGaussian());
        }
        if (triangle) {
          factor.set(i, i, scales[i] * Math.sqrt(chiSquare(freedom - i, random)));
        }
      }
      return new Night(count, mean, factor);
    }

    private static double chiSquare(long freedom, SeededRandom random) {
      if (freedom <= FEW_SQUARES) {
        double sum = 0;
        for (int i = 0; i < freedom; i++) {
          double number = random.nextGaussian();
          sum += number * number;
        }
        return sum;
      }
      // Wilson and Hilferty, "The distribution of chi-square", 1931
      double spread = 2.0 / (9 * freedom);
      double root = 1 - spread + Math.sqrt(spread) * random.nextGaussian();
      return freedom * root * root * root;
    }

    double variance() {
      double norm = NormOps_DDRM.normF(factor);
      return norm * norm;
    }

    /** The plain formula: tr (C1 C2)^(1/2) is the sum of the singular values of F1 F2^T. */
    double squaredDistance(Night other) {
      double distance = variance() + other.variance();
      for (int d = 0; d < mean.length; d++) {
        distance += (mean[d] - other.mean[d]) * (mean[d] - other.mean[d]);
      }
      DMatrixRMaj product = new DMatrixRMaj(factor.numRows, other.factor.numRows);
      CommonOps_DDRM.multTransB(factor, other.factor, product);
      double[] squares = SymmetricMatrix.eigenvalues(smallerGram(product));
      return distance - 2 * Arrays.stream(squares).map(x -> Math.sqrt(Math.max(0, x))).sum();
    }

    double expectedSquaredDistance(Night other) {
      int dimension = mean.length;
      DMatrixRMaj both = new DMatrixRMaj(factor.numRows + other.factor.numRows, dimension);
      double freedom = count + other.count - 2;
      CommonOps_DDRM.insert(scaled(Math.sqrt(count / freedom)), both, 0, 0);
      CommonOps_DDRM.insert(
          other.scaled(Math.sqrt(other.count / freedom)), both, factor.numRows, 0);
      double[] eigenvalues = SymmetricMatrix.eigenvalues(smallerGram(both));
      return FrechetNoise.expected(Arrays.copyOf(eigenvalues, dimension), count, other.count);
    }

    private DMatrixRMaj scaled(double scale) {
      DMatrixRMaj copy = factor.copy();
      CommonOps_DDRM.scale(scale, copy);
      return copy;
    }

    private static DMatrixRMaj smallerGram(DMatrixRMaj matrix) {
      int size = Math.min(matrix.numRows, matrix.numCols);
      DMatrixRMaj gram = new DMatrixRMaj(size, size);
      if (matrix.numRows <= matrix.numCols) {
        CommonOps_DDRM.multOuter(matrix, gram);
      } else {
        CommonOps_DDRM.multInner(matrix, gram);
      }
      return gram;
    }
  }

  /**
   * What nights were like, as shares of the variance of the night before.
   *
   * @param distance mean squared distance
   * @param change mean of what the gate judges
   * @param largest of these
   * @param alarms share of the nights that the gate holds back
   */
  private record Outcome(
      int nights, double distance, double change, double largest, double alarms) {
    static Outcome of(
        int nights,
        double[] variances,
        long countBefore,
        double[] now,
        double[] shift,
        long count) {
      double distance = 0;
      double change = 0;
      double largest = Double.NEGATIVE_INFINITY;
      double alarms = 0;
      for (int i = 0; i < nights; i++) {
        SeededRandom random = SeededRandom.of(i, variances.length, count);
        Night before = Night.draw(variances, new double[variances.length], countBefore, random);
        Night night = Night.draw(now, shift, count, random);
        double found = night.squaredDistance(before) / before.variance();
        double beyond = found - night.expectedSquaredDistance(before) / before.variance();
        distance += found / nights;
        change += beyond / nights;
        largest = Math.max(largest, beyond);
        alarms += beyond > LIMIT ? 1.0 / nights : 0;
      }
      return new Outcome(nights, distance, change, largest, alarms);
    }

    static Outcome withoutChange(int nights, double[] variances, long before, long count) {
      return of(nights, variances, before, variances, new double[variances.length], count);
    }
  }

  @ParameterizedTest
  @EnumSource
  void nightsWithoutAChangeHaveNone(Spectrum spectrum) {
    for (int dimension : new int[] {24, 128}) {
      double[] variances = spectrum.of(dimension);
      for (long count : new long[] {50, 200, 1_000, 100_000}) {
        for (long before : new long[] {count, 100_000}) {
          Outcome outcome = Outcome.withoutChange(15, variances, before, count);
          assertThat(outcome.change)
              .as("%s, D %d, %d images after %d", spectrum, dimension, count, before)
              .isCloseTo(0, within(0.02 + 0.05 * outcome.distance));
          assertThat(outcome.largest).isLessThan(0.25);
        }
      }
    }
  }

  @Test
  void fewImagesOfManyDimensionsAreFarApartByChance() {
    Outcome outcome = Outcome.withoutChange(3, Spectrum.FLAT.of(1024), 200, 200);

    assertThat(outcome.distance).isGreaterThan(1.2);
    assertThat(outcome.change).isCloseTo(0, within(0.01));
  }

  /** A distance that does not come from chance is left as it is. */
  @ParameterizedTest
  @CsvSource({"200, 200", "200, 5000", "1000, 1000"})
  void aShiftIsFound(long before, long count) {
    double[] variances = Spectrum.FALLING.of(128);
    double[] shift = new double[128];
    shift[100] = Math.sqrt(1.5 * Arrays.stream(variances).sum());

    Outcome outcome = Outcome.of(5, variances, before, variances, shift, count);

    assertThat(outcome.change).isCloseTo(1.5, within(0.15));
    assertThat(outcome.alarms).isEqualTo(1);
  }

  /** Embeddings are not normal: here their lengths differ by much. */
  @Test
  void longTailsAddLittle() {
    SeededRandom random = SeededRandom.of(5);
    double[] variances = Spectrum.FALLING.of(128);
    for (int night = 0; night < 5; night++) {
      Moments[] moments = {new Moments(128), new Moments(128)};
      for (Moments one : moments) {
        for (int i = 0; i < 200; i++) {
          double scale = Math.sqrt(5 / Night.chiSquare(5, random)); // Student's t
          float[] vector = new float[128];
          for (int d = 0; d < 128; d++) {
            vector[d] = (float) (scale * Math.sqrt(variances[d]) * random.nextGaussian());
          }
          one.add(vector);
        }
      }
      double change =
          moments[0].squaredFrechetDistance(moments[1])
              - moments[0].expectedSquaredFrechetDistance(moments[1]);
      assertThat(change / moments[1].totalVariance()).isBetween(-0.1, 0.3);
    }
  }

  @ParameterizedTest
  @CsvSource({"60, 60", "20, 300", "300, 300"})
  void momentsOfEmbeddingsAgree(int before, int count) {
    SeededRandom random = SeededRandom.of(before, count);
    double[] variances = Spectrum.FALLING.of(48);
    double distance = 0;
    double expected = 0;
    for (int night = 0; night < 20; night++) {
      Moments first = new Moments(48);
      Moments second = new Moments(48);
      for (int i = 0; i < before + count; i++) {
        float[] vector = new float[48];
        for (int d = 0; d < 48; d++) {
          vector[d] = (float) (3 + Math.sqrt(variances[d]) * random.nextGaussian());
        }
        (i < before ? first : second).add(vector);
      }
      distance += second.squaredFrechetDistance(first);
      expected += second.expectedSquaredFrechetDistance(first);
    }
    assertThat(expected / distance).isCloseTo(1, within(0.06));
  }

  @Test
  void samplesOfOneImageAndWithoutVarianceHaveAnExpectation() {
    assertThat(FrechetNoise.expected(new double[] {2, 1}, 1, 1_000_000)).isCloseTo(6, within(1e-4));
    assertThat(FrechetNoise.expected(new double[] {0, 0}, 200, 200)).isZero();
    assertThat(FrechetNoise.expected(new double[] {4, 0}, 1_001, 1_001))
        .as("the means, half as much for the standard deviations, and the error of one dimension")
        .isCloseTo(4 * (2e-3 + 1e-3 - 2e-3 / 4), within(4 * 4e-4));
    assertThat(FrechetNoise.expected(new double[] {4, 0}, 1L << 40, 1L << 40)).isBetween(0.0, 1e-4);
  }

  @ParameterizedTest
  @EnumSource
  @EnabledIfSystemProperty(named = "simulatedNights", matches = "\\d+")
  @Timeout(value = 6, unit = HOURS)
  void tableOfNightsWithoutAChange(Spectrum spectrum) {
    print("spectrum | D | images | nights | distance | change | largest | false alarms");
    for (int dimension : new int[] {128, 512, 2048}) {
      for (long count : new long[] {50, 200, 1_000, 10_000, 100_000}) {
        int nights = nights(dimension, count);
        Outcome outcome = Outcome.withoutChange(nights, spectrum.of(dimension), count, count);
        print(
            "%s | %d | %,d | %,d | %.3f | %.3f | %.3f | %.1f %%",
            spectrum.name().toLowerCase(Locale.ROOT),
            dimension,
            count,
            nights,
            outcome.distance,
            outcome.change,
            outcome.largest,
            100 * outcome.alarms);
        assertThat(outcome.alarms).isLessThan(0.01);
      }
    }
  }

  /** Fewer nights where one takes seconds, or a minute: their distances hardly differ. */
  private static int nights(int dimension, long count) {
    long size = Math.min(dimension, count);
    int share = size > 1000 ? 250 : size > 512 ? 50 : 1;
    return Math.max(1, Integer.getInteger("simulatedNights") / share);
  }

  @ParameterizedTest
  @ValueSource(longs = {50, 200, 1000})
  @EnabledIfSystemProperty(named = "simulatedNights", matches = "\\d+")
  @Timeout(value = 6, unit = HOURS)
  void tableOfChanges(long count) {
    double[] variances = Spectrum.FALLING.of(512);
    double variance = Arrays.stream(variances).sum();
    double[] none = new double[variances.length];
    print("change | images | nights | distance | change | held back");
    for (double squared : new double[] {0.5, 0.9, 1.1, 2}) {
      double[] shift = none.clone();
      shift[256] = Math.sqrt(squared * variance);
      print("mean moved by %.1f of the variance".formatted(squared), count, variances, shift);
    }
    for (double scale : new double[] {1.5, 1.9, 2.1, 3, 0.01}) {
      double[] scaled = Arrays.stream(variances).map(x -> scale * scale * x).toArray();
      print("distances from the mean times %s".formatted(scale), count, scaled, none);
    }
    double[] reversed = IntStream.range(0, 512).mapToDouble(i -> variances[511 - i]).toArray();
    print("other directions", count, reversed, none);
  }

  private static void print(String change, long count, double[] now, double[] shift) {
    double[] variances = Spectrum.FALLING.of(now.length);
    int nights = Math.max(1, nights(now.length, count) / 10);
    Outcome outcome = Outcome.of(nights, variances, count, now, shift, count);
    print(
        "%s | %,d | %,d | %.2f | %.2f | %.0f %%",
        change, count, nights, outcome.distance, outcome.change, 100 * outcome.alarms);
  }

  @SuppressWarnings("SystemOut") // a table for people
  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
