package io.simclrbeam.model.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmentSettingsTest {
  private static final CropSettings CROP = new CropSettings(0.08, 1, 0.75, 4.0 / 3);
  private static final BlurSettings NO_BLUR = new BlurSettings(0, 0.1, 2, 1);
  private static final JitterSettings JITTER = JitterSettings.ofStrength(0.8, 1);

  @Test
  void defaultsArePapersForImageNetAboveSixtyFourPixels() {
    assertThat(AugmentSettings.simclr(65))
        .isEqualTo(
            new AugmentSettings(
                65,
                CROP,
                Interpolation.BILINEAR,
                0.5,
                new JitterSettings(0.8, 0.8, 0.8, 0.8, 0.2),
                0.2,
                new BlurSettings(0.5, 0.1, 2, 7)));
  }

  @Test
  void defaultsArePapersForCifarUpToSixtyFourPixels() {
    assertThat(AugmentSettings.simclr(64))
        .isEqualTo(
            new AugmentSettings(
                64,
                CROP,
                Interpolation.BILINEAR,
                0.5,
                new JitterSettings(0.8, 0.4, 0.4, 0.4, 0.1),
                0.2,
                new BlurSettings(0, 0.1, 2, 7)));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "19, 1", "32, 3", "64, 7", "96, 9", "100, 11", "224, 23"})
  void blurCoversATenthOfAViewMadeOdd(int size, int kernelSize) {
    assertThat(BlurSettings.kernelSize(size)).isEqualTo(kernelSize);
  }

  @Test
  void changesOneSettingAtATime() {
    AugmentSettings settings = AugmentSettings.simclr(96);
    CropSettings crop = new CropSettings(0.5, 1, 1, 1);
    JitterSettings jitter = JitterSettings.ofStrength(0.1, 0.25);
    BlurSettings blur = settings.blur().withProbability(0.125);
    AugmentSettings changed =
        settings
            .withCrop(crop)
            .withJitter(jitter)
            .withBlur(blur)
            .withInterpolation(Interpolation.BICUBIC);
    assertThat(changed)
        .isEqualTo(new AugmentSettings(96, crop, Interpolation.BICUBIC, 0.5, jitter, 0.2, blur));
    assertThat(blur).isEqualTo(new BlurSettings(0.125, 0.1, 2, 9));
  }

  @Test
  void namesWhatIsWrong() {
    assertWrong(() -> new CropSettings(0.5, 0.4, 1, 1), "area is from 0.5 to 0.4");
    assertWrong(() -> new CropSettings(0, 0.4, 1, 1), "area is from 0.0 to 0.4");
    assertWrong(() -> new CropSettings(0.5, 1.01, 1, 1), "area is from 0.5 to 1.01");
    assertWrong(() -> new CropSettings(0.5, 1, 2, 1), "aspect is from 2.0 to 1.0");
    assertWrong(() -> new JitterSettings(1.1, 0, 0, 0, 0), "color jitter is 1.1");
    assertWrong(() -> new JitterSettings(1, -0.1, 0, 0, 0), "brightness is -0.1");
    assertWrong(() -> new JitterSettings(1, 0, Double.NaN, 0, 0), "contrast is NaN");
    assertWrong(() -> new JitterSettings(1, 0, 0, -1, 0), "saturation is -1.0");
    assertWrong(() -> new JitterSettings(1, 0, 0, 0, 0.51), "hue is 0.51");
    assertWrong(() -> new BlurSettings(2, 1, 1, 1), "blur is 2.0");
    assertWrong(() -> new BlurSettings(1, 0, 1, 1), "sigma is from 0.0 to 1.0");
    assertWrong(() -> new BlurSettings(1, 1, 1, 2), "kernel is 2 pixels");
    assertWrong(() -> settings(0, 0.5, 0.5, NO_BLUR), "size is 0");
    assertWrong(() -> AugmentSettings.simclr(5000), "size is 5000");
    assertWrong(() -> settings(9, -0.1, 0.5, NO_BLUR), "flip is -0.1");
    assertWrong(() -> settings(9, 0.5, Double.NaN, NO_BLUR), "grayscale is NaN");
    assertWrong(
        () -> settings(5, 0.5, 0.5, new BlurSettings(1, 1, 1, 11)),
        "kernel is 11 pixels, but must be at most 9 for views of 5 pixels");
  }

  @Test
  void everythingThatIsWrongIsSaidAtOnce() {
    assertThatThrownBy(() -> new CropSettings(0, 2, -1, 1))
        .hasMessageContainingAll("area", "aspect");
    assertThatThrownBy(() -> new JitterSettings(2, -1, -1, -1, 1))
        .hasMessageContainingAll("color jitter", "brightness", "contrast", "saturation", "hue");
    assertThatThrownBy(() -> new BlurSettings(2, 0, 1, 2))
        .hasMessageContainingAll("a blur", "sigma", "kernel");
    assertThatThrownBy(() -> settings(9, 2, 2, new BlurSettings(1, 1, 1, 99)))
        .hasMessageContainingAll("a flip", "grayscale", "kernel");
  }

  private static void assertWrong(ThrowingCallable settings, String message) {
    assertThatThrownBy(settings)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static AugmentSettings settings(
      int size, double flipProbability, double grayscaleProbability, BlurSettings blur) {
    return new AugmentSettings(
        size, CROP, Interpolation.BILINEAR, flipProbability, JITTER, grayscaleProbability, blur);
  }
}
