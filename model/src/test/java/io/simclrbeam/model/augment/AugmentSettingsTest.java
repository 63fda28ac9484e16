package io.simclrbeam.model.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AugmentSettingsTest {

  @Test
  void defaultsArePapersForImageNetAboveSixtyFourPixels() {
    assertThat(AugmentSettings.simclr(65))
        .isEqualTo(
            new AugmentSettings(
                65, 0.08, 1, 0.75, 4.0 / 3, 0.5, 0.8, 1, 0.2, 0.5, 0.1, 2, Interpolation.BILINEAR));
  }

  @Test
  void defaultsArePapersForCifarUpToSixtyFourPixels() {
    assertThat(AugmentSettings.simclr(64))
        .isEqualTo(
            new AugmentSettings(
                64, 0.08, 1, 0.75, 4.0 / 3, 0.5, 0.8, 0.5, 0.2, 0, 0.1, 2, Interpolation.BILINEAR));
  }

  @Test
  void changesOneSettingAtATime() {
    AugmentSettings settings = AugmentSettings.simclr(96);
    AugmentSettings changed =
        settings
            .withJitterStrength(0.25)
            .withBlurProbability(0.125)
            .withInterpolation(Interpolation.BICUBIC);
    assertThat(changed.jitterStrength()).isEqualTo(0.25);
    assertThat(changed.blurProbability()).isEqualTo(0.125);
    assertThat(changed.interpolation()).isEqualTo(Interpolation.BICUBIC);
    assertThat(
            changed
                .withJitterStrength(1)
                .withBlurProbability(0.5)
                .withInterpolation(Interpolation.BILINEAR))
        .isEqualTo(settings);
  }

  @Test
  void namesEveryProblem() {
    assertThatThrownBy(
            () ->
                new AugmentSettings(
                    0, 0.5, 0.4, 2, 1, -0.1, 1.1, 2.6, Double.NaN, 2, 0, 1, Interpolation.BILINEAR))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("size is 0")
        .hasMessageContaining("area is from 0.5 to 0.4")
        .hasMessageContaining("aspect is from 2.0 to 1.0")
        .hasMessageContaining("flipProbability is -0.1")
        .hasMessageContaining("jitterProbability is 1.1")
        .hasMessageContaining("jitterStrength is 2.6")
        .hasMessageContaining("grayscaleProbability is NaN")
        .hasMessageContaining("blurProbability is 2.0")
        .hasMessageContaining("sigma is from 0.0 to 1.0");
  }

  @Test
  void namesNothingElse() {
    assertThatThrownBy(() -> AugmentSettings.simclr(5000))
        .hasMessage("augmentation: size is 5000, but must be from 1 to 4096 pixels");
  }
}
