package io.simclrbeam.model.augment;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.random.SeededRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GaussianBlurTest {

  @ParameterizedTest
  @CsvSource({"32, 32, 3", "30, 21, 5", "12, 40, 23", "40, 12, 23", "65, 64, 11", "3, 2, 3"})
  void matchesTheConvolution(int width, int height, int kernelSize) {
    SeededRandom random = SeededRandom.of(5);
    GaussianBlur blur = new GaussianBlur(width, height, kernelSize);
    for (int i = 0; i < 8; i++) {
      double sigma = i == 0 ? 2 : random.uniform(0.1, 2);
      RgbImage image = Pictures.random(width, height, i);
      Planes planes = Pictures.planes(image);
      blur.apply(planes, sigma);
      Pictures.assertWithin(
          1,
          Pictures.image(planes),
          PilOperations.blur(image, kernelSize, sigma),
          "sigma " + sigma);
    }
  }

  @Test
  void keepsPlainPicturesPlain() {
    GaussianBlur blur = new GaussianBlur(40, 40, 5);
    for (int level = 0; level < 256; level++) {
      Planes planes = new Planes(40, 40);
      Arrays.fill(planes.green, level);
      blur.apply(planes, 0.1 + level / 200.0);
      assertThat(planes.green).containsOnly(level);
      assertThat(planes.red).containsOnly(0);
    }
  }

  @Test
  void aKernelOfOnePixelChangesNothing() {
    RgbImage image = Pictures.random(8, 8, 1);
    Planes planes = Pictures.planes(image);
    new GaussianBlur(8, 8, 1).apply(planes, 2);
    Pictures.assertWithin(0, Pictures.image(planes), image, "kernel of 1");
  }
}
