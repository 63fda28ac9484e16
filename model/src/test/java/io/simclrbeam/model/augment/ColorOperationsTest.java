package io.simclrbeam.model.augment;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.random.SeededRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColorOperationsTest {
  private static final int CASES = 300;

  private final ColorOperations operations = new ColorOperations();

  @Test
  void brightnessIsPils() {
    forRandomPictures(
        (image, factor) -> {
          Planes planes = Pictures.planes(image);
          operations.brightness(planes, factor);
          Pictures.assertWithin(
              0, Pictures.image(planes), PilOperations.brightness(image, factor), "" + factor);
        });
  }

  @Test
  void contrastIsPils() {
    forRandomPictures(
        (image, factor) -> {
          Planes planes = Pictures.planes(image);
          operations.contrast(planes, factor);
          Pictures.assertWithin(
              0, Pictures.image(planes), PilOperations.contrast(image, factor), "" + factor);
        });
  }

  /**
   * Factors that are ratios of small numbers have products that are whole, or, as the factor is
   * rounded, next to it, on the side where PIL's float arithmetic may not be.
   */
  @Test
  void everyLevelIsPilsWhereProductsAreNearlyWhole() {
    byte[] levels = new byte[3 * 256];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = (byte) (i / 3);
    }
    RgbImage image = new RgbImage(256, 1, levels);
    for (int divisor = 1; divisor < 256; divisor++) {
      for (int dividend = 1; dividend < 2 * divisor; dividend += 1 + divisor / 25) {
        double factor = (double) dividend / divisor;
        assertBrightnessAndContrast(image, factor);
      }
    }
  }

  @Test
  void saturationIsPilsWithinOneLevel() {
    forRandomPictures(
        (image, factor) -> {
          Planes planes = Pictures.planes(image);
          operations.saturation(planes, factor);
          Pictures.assertWithin(
              1, Pictures.image(planes), PilOperations.saturation(image, factor), "" + factor);
        });
  }

  @Test
  void grayscaleIsPils() {
    forRandomPictures(
        (image, factor) -> {
          Planes planes = Pictures.planes(image);
          operations.grayscale(planes);
          Pictures.assertWithin(
              0, Pictures.image(planes), PilOperations.grayscale(image), "grayscale");
        });
  }

  @Test
  void factorOneChangesNothing() {
    RgbImage image = Pictures.random(50, 41, 7);
    Planes planes = Pictures.planes(image);
    operations.brightness(planes, 1);
    operations.contrast(planes, 1);
    operations.saturation(planes, 1);
    Pictures.assertWithin(0, Pictures.image(planes), image, "factor 1");
  }

  @Test
  void factorZeroIsBlackOrGray() {
    Planes black = Pictures.planes(Pictures.random(50, 41, 8));
    operations.brightness(black, 0);
    assertThat(Pictures.image(black).pixels()).containsOnly(0);
    Planes gray = Pictures.planes(Pictures.random(50, 41, 8));
    operations.contrast(gray, 0);
    byte[] grayPixels = Pictures.image(gray).pixels();
    assertThat(grayPixels).containsOnly(grayPixels[0]);
    Planes unsaturated = Pictures.planes(Pictures.random(50, 41, 8));
    operations.saturation(unsaturated, 0);
    assertThat(unsaturated.red).isEqualTo(unsaturated.green).isEqualTo(unsaturated.blue);
  }

  /** Each level against black and against the mean, and each color against its luma. */
  @ParameterizedTest
  @ValueSource(doubles = {7.99, 8, 8.01, 8.5, 9, 11, 16.3, 21, 64, 101, 255.5, 256, 3000, 1e300})
  void largeFactorsArePils(double factor) {
    for (int mean : new int[] {0, 1, 100, 128, 254, 255}) {
      byte[] pixels = new byte[3 * 256 * 256];
      Arrays.fill(pixels, (byte) mean);
      for (int i = 0; i < 3 * 256; i++) {
        pixels[i] = (byte) (i / 3);
        pixels[3 * 256 + i] = (byte) (i * 7);
      }
      RgbImage image = new RgbImage(256, 256, pixels);
      assertBrightnessAndContrast(image, factor);
      Planes richer = Pictures.planes(image);
      operations.saturation(richer, factor);
      Pictures.assertWithin(
          1, Pictures.image(richer), PilOperations.saturation(image, factor), "" + factor);
    }
  }

  private interface Check {
    void run(RgbImage image, double factor);
  }

  /** Odd sizes down to one pixel, factors from 0 to the largest that options allow. */
  private static void forRandomPictures(Check check) {
    SeededRandom random = SeededRandom.of(3);
    for (int i = 0; i < CASES; i++) {
      RgbImage image = Pictures.random(1 + random.nextInt(40), 1 + random.nextInt(40), i);
      check.run(image, random.uniform(i % 3 == 0 ? 0 : 0.2, i % 3 == 0 ? 3 : 1.8));
      check.run(image, random.uniform(3, 101));
    }
  }

  private void assertBrightnessAndContrast(RgbImage image, double factor) {
    Planes brighter = Pictures.planes(image);
    operations.brightness(brighter, factor);
    Pictures.assertWithin(
        0, Pictures.image(brighter), PilOperations.brightness(image, factor), "" + factor);
    Planes starker = Pictures.planes(image);
    operations.contrast(starker, factor);
    Pictures.assertWithin(
        0, Pictures.image(starker), PilOperations.contrast(image, factor), "" + factor);
  }
}
