package io.simclrbeam.model.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simclrbeam.model.random.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViewParametersTest {
  private static final int DRAWS = 40_000;

  private static List<ViewParameters> draw(AugmentSettings settings, int width, int height) {
    List<ViewParameters> drawn = new ArrayList<>();
    for (int i = 0; i < DRAWS; i++) {
      drawn.add(ViewParameters.draw(settings, width, height, SeededRandom.of(5, i)));
    }
    return drawn;
  }

  /** Four standard errors of a share p among the draws. */
  private static double error(double p, int draws) {
    return 4 * Math.sqrt(p * (1 - p) / draws);
  }

  /**
   * Kolmogorov and Smirnov's distance from the uniform distribution is below 2 / sqrt(n) but for
   * one sample in 1,500.
   */
  private static void assertUniform(double[] values, double low, double high, double slack) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double farthest = 0;
    for (int i = 0; i < sorted.length; i++) {
      double expected = (sorted[i] - low) / (high - low);
      farthest =
          Math.max(
              farthest,
              Math.max(
                  Math.abs(expected - (double) i / sorted.length),
                  Math.abs(expected - (i + 1.0) / sorted.length)));
    }
    assertThat(sorted[0]).isGreaterThanOrEqualTo(low - slack);
    assertThat(sorted[sorted.length - 1]).isLessThanOrEqualTo(high + slack);
    assertThat(farthest).isLessThan(2 / Math.sqrt(sorted.length) + slack);
  }

  @Test
  void happenWithTheirProbabilities() {
    List<ViewParameters> drawn = draw(AugmentSettings.simclr(224), 500, 375);
    assertThat(share(drawn, p -> p.flip() ? 1 : 0)).isCloseTo(0.5, within(error(0.5, DRAWS)));
    assertThat(share(drawn, p -> p.jitter() != null ? 1 : 0))
        .isCloseTo(0.8, within(error(0.8, DRAWS)));
    assertThat(share(drawn, p -> p.grayscale() ? 1 : 0)).isCloseTo(0.2, within(error(0.2, DRAWS)));
    assertThat(share(drawn, p -> p.blurSigma() > 0 ? 1 : 0))
        .isCloseTo(0.5, within(error(0.5, DRAWS)));
    assertThat(share(drawn, p -> p.flip() && p.grayscale() && p.jitter() == null ? 1 : 0))
        .as("independent of each other")
        .isCloseTo(0.02, within(error(0.02, DRAWS)));
  }

  private static double share(List<ViewParameters> drawn, ToDoubleFunction<ViewParameters> is) {
    return drawn.stream().mapToDouble(is).average().orElseThrow();
  }

  @Test
  void neverHappenWhenTheyAreOff() {
    for (ViewParameters parameters : draw(AugmentSettings.simclr(32), 32, 32)) {
      assertThat(parameters.blurSigma()).isZero();
    }
  }

  @Test
  void jitterIsUniformAndInAnyOrder() {
    List<ColorJitter> jitters =
        draw(AugmentSettings.simclr(224), 500, 375).stream()
            .map(ViewParameters::jitter)
            .filter(Objects::nonNull)
            .toList();
    assertUniform(jitters.stream().mapToDouble(ColorJitter::brightness).toArray(), 0.2, 1.8, 0);
    assertUniform(jitters.stream().mapToDouble(ColorJitter::contrast).toArray(), 0.2, 1.8, 0);
    assertUniform(jitters.stream().mapToDouble(ColorJitter::saturation).toArray(), 0.2, 1.8, 0);
    assertUniform(jitters.stream().mapToDouble(ColorJitter::hue).toArray(), -0.2, 0.2, 0);
    Map<List<ColorJitter.Operation>, Integer> orders = new HashMap<>();
    for (ColorJitter jitter : jitters) {
      orders.merge(jitter.order(), 1, Integer::sum);
    }
    assertThat(orders).hasSize(24);
    double share = 1 / 24.0;
    for (int count : orders.values()) {
      assertThat((double) count / jitters.size())
          .isCloseTo(share, within(error(share, jitters.size())));
    }
  }

  @Test
  void everyParameterIsTakenFromTheSettings() {
    AugmentSettings settings =
        new AugmentSettings(
            100,
            new CropSettings(0.2, 0.3, 1.5, 2),
            Interpolation.BILINEAR,
            0.1,
            new JitterSettings(0.3, 0.1, 0.2, 0.4, 0.05),
            0.6,
            new BlurSettings(0.7, 3, 4, 9));
    int side = 10_000;
    List<ViewParameters> drawn = draw(settings, side, side);
    assertThat(share(drawn, p -> p.flip() ? 1 : 0)).isCloseTo(0.1, within(error(0.1, DRAWS)));
    assertThat(share(drawn, p -> p.grayscale() ? 1 : 0)).isCloseTo(0.6, within(error(0.6, DRAWS)));
    List<ColorJitter> jitters =
        drawn.stream().map(ViewParameters::jitter).filter(Objects::nonNull).toList();
    assertThat((double) jitters.size() / DRAWS).isCloseTo(0.3, within(error(0.3, DRAWS)));
    assertUniform(jitters.stream().mapToDouble(ColorJitter::brightness).toArray(), 0.9, 1.1, 0);
    assertUniform(jitters.stream().mapToDouble(ColorJitter::contrast).toArray(), 0.8, 1.2, 0);
    assertUniform(jitters.stream().mapToDouble(ColorJitter::saturation).toArray(), 0.6, 1.4, 0);
    assertUniform(jitters.stream().mapToDouble(ColorJitter::hue).toArray(), -0.05, 0.05, 0);
    double[] sigmas =
        drawn.stream().mapToDouble(ViewParameters::blurSigma).filter(sigma -> sigma > 0).toArray();
    assertThat((double) sigmas.length / DRAWS).isCloseTo(0.7, within(error(0.7, DRAWS)));
    assertUniform(sigmas, 3, 4, 0);
    List<CropBox> crops = drawn.stream().map(ViewParameters::crop).toList();
    assertUniform(
        crops.stream().mapToDouble(c -> (double) c.width() * c.height() / side / side).toArray(),
        0.2,
        0.3,
        1e-3);
    assertUniform(
        crops.stream().mapToDouble(c -> Math.log((double) c.width() / c.height())).toArray(),
        Math.log(1.5),
        Math.log(2),
        1e-3);
  }

  @Test
  void strengthScalesTheJitterAndFactorsStayAboveZero() {
    List<ColorJitter> jitters =
        draw(AugmentSettings.simclr(32).withJitter(JitterSettings.ofStrength(0.8, 2)), 32, 32)
            .stream()
            .map(ViewParameters::jitter)
            .filter(Objects::nonNull)
            .toList();
    assertUniform(jitters.stream().mapToDouble(ColorJitter::contrast).toArray(), 0, 2.6, 0);
    assertUniform(jitters.stream().mapToDouble(ColorJitter::hue).toArray(), -0.4, 0.4, 0);
  }

  @Test
  void blurSigmaIsUniform() {
    assertUniform(
        draw(AugmentSettings.simclr(224), 500, 375).stream()
            .mapToDouble(ViewParameters::blurSigma)
            .filter(sigma -> sigma > 0)
            .toArray(),
        0.1,
        2,
        0);
  }

  /**
   * On a square picture no shape is drawn again before a share of 3/4, so that below it the share
   * of the area is uniform and the logarithm of the aspect too; up to rounding to whole pixels.
   */
  @Test
  void cropsAreUniformInAreaAndLogAspect() {
    int side = 10_000;
    List<CropBox> crops =
        draw(AugmentSettings.simclr(224), side, side).stream()
            .map(ViewParameters::crop)
            .filter(crop -> (double) crop.width() * crop.height() < 0.75 * side * side)
            .toList();
    double[] areas =
        crops.stream().mapToDouble(c -> (double) c.width() * c.height() / side / side).toArray();
    assertUniform(areas, 0.08, 0.75, 1e-3);
    assertUniform(
        crops.stream().mapToDouble(c -> Math.log((double) c.width() / c.height())).toArray(),
        Math.log(0.75),
        Math.log(4.0 / 3),
        1e-3);
    assertUniform(
        crops.stream().mapToDouble(c -> (c.left() + 0.5) / (side - c.width() + 1)).toArray(),
        0,
        1,
        1e-3);
    assertUniform(
        crops.stream().mapToDouble(c -> (c.top() + 0.5) / (side - c.height() + 1)).toArray(),
        0,
        1,
        1e-3);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 9", "9, 1", "2, 3", "32, 32", "500, 375", "7, 4000", "4000, 7"})
  void cropsLieWithinThePicture(int width, int height) {
    for (int i = 0; i < 2000; i++) {
      CropBox crop =
          ViewParameters.draw(AugmentSettings.simclr(32), width, height, SeededRandom.of(7, i))
              .crop();
      assertThat(crop.left()).isNotNegative();
      assertThat(crop.top()).isNotNegative();
      assertThat(crop.width()).isBetween(1, width - crop.left());
      assertThat(crop.height()).isBetween(1, height - crop.top());
    }
  }

  /** Where nothing that was drawn can fit, torchvision cuts the center at the nearest aspect. */
  @ParameterizedTest
  @CsvSource({
    "1000, 10, 493, 0, 13, 10",
    "10, 1000, 0, 493, 10, 13",
    "1, 1000, 0, 499, 1, 1",
    "1000, 1, 499, 0, 1, 1"
  })
  void longPicturesGiveTheirCenter(
      int width, int height, int left, int top, int cropWidth, int cropHeight) {
    AugmentSettings large =
        AugmentSettings.simclr(32).withCrop(new CropSettings(0.9, 1, 0.75, 4.0 / 3));
    assertThat(ViewParameters.draw(large, width, height, SeededRandom.of(8)).crop())
        .isEqualTo(new CropBox(left, top, cropWidth, cropHeight));
  }

  @Test
  void areAFunctionOfTheKey() {
    AugmentSettings settings = AugmentSettings.simclr(224);
    assertThat(ViewParameters.draw(settings, 500, 375, SeededRandom.of(1, 2, 3, 4)))
        .isEqualTo(ViewParameters.draw(settings, 500, 375, SeededRandom.of(1, 2, 3, 4)));
  }
}
