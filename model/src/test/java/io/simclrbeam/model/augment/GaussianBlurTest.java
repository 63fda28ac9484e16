package io.simclrbeam.model.augment;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.random.SeededRandom;
import java.util.Arrays;
import java.util.List;
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

  /** The weights of wide kernels are small, and one bright line shows where they are wrong. */
  @ParameterizedTest
  @CsvSource({
    "63, 8",
    "65, 7.9",
    "65, 8.1",
    "65, 1000",
    "67, 1000",
    "299, 30",
    "299, 1000",
    "345, 1e6"
  })
  void wideKernelsMatchTheConvolution(int kernelSize, double sigma) {
    int side = kernelSize / 2 + 1;
    byte[] line = new byte[3 * side * side];
    byte[] column = new byte[3 * side * side];
    for (int i = 0; i < 3 * side; i++) {
      line[3 * side * (side / 2) + i] = (byte) 255;
      column[i / 3 * 3 * side + 3 * (side / 2) + i % 3] = (byte) 255;
    }
    GaussianBlur blur = new GaussianBlur(side, side, kernelSize);
    for (byte[] pixels : List.of(line, column, Pictures.random(side, side, 9).pixels())) {
      RgbImage image = new RgbImage(side, side, pixels);
      Planes planes = Pictures.planes(image);
      blur.apply(planes, sigma);
      Pictures.assertWithin(
          1, Pictures.image(planes), PilOperations.blur(image, kernelSize, sigma), "line");
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
