package io.simclrbeam.model.augment;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.random.SeededRandom;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ResamplerTest {

  @ParameterizedTest
  @EnumSource
  void matchesPilForAnyCropAndSize(Interpolation interpolation) {
    SeededRandom random = SeededRandom.of(1);
    int[] sizes = {1, 2, 3, 7, 16, 31, 32, 64, 97};
    for (int outWidth : sizes) {
      int outHeight = sizes[random.nextInt(sizes.length)];
      Resampler resampler = new Resampler(outWidth, outHeight, interpolation);
      Planes planes = new Planes(outWidth, outHeight);
      for (int i = 0; i < 25; i++) {
        RgbImage image = Pictures.random(1 + random.nextInt(130), 1 + random.nextInt(130), i);
        int width = 1 + random.nextInt(image.width());
        int height = 1 + random.nextInt(image.height());
        CropBox crop =
            new CropBox(
                random.nextInt(image.width() - width + 1),
                random.nextInt(image.height() - height + 1),
                width,
                height);
        boolean flip = random.nextInt(2) == 1;
        resampler.resize(image, crop, flip, planes);
        RgbImage expected = PilOperations.resize(image, crop, outWidth, outHeight, interpolation);
        Pictures.assertWithin(
            1,
            Pictures.image(planes),
            flip ? PilOperations.flip(expected) : expected,
            crop + " to " + outWidth + " x " + outHeight);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void shrinksHugePicturesAsPil(Interpolation interpolation) {
    RgbImage image = Pictures.random(1501, 1103, 5);
    Planes planes = new Planes(32, 17);
    new Resampler(32, 17, interpolation).resize(image, Pictures.whole(image), false, planes);
    Pictures.assertWithin(
        1,
        Pictures.image(planes),
        PilOperations.resize(image, Pictures.whole(image), 32, 17, interpolation),
        "1501 x 1103 to 32 x 17");
  }

  /**
   * Strips with noise and edges, and black ones with a white pixel in the center of each output
   * pixel, where the weights are largest.
   */
  @ParameterizedTest
  @EnumSource
  void shrinksStripsOfAnyLengthAsPil(Interpolation interpolation) {
    int size = 32;
    for (int length : new int[] {1000, 2040, 2060, 5000, 20_000, 32_700, 33_000, 50_000, 300_000}) {
      byte[] points = new byte[3 * length];
      for (int i = 0; i < size; i++) {
        int center = (int) ((i + 0.5) * length / size);
        Arrays.fill(points, 3 * center, 3 * center + 3, (byte) 255);
      }
      for (byte[] pixels : List.of(points, Pictures.random(length, 1, length).pixels())) {
        assertStripIsPils(new RgbImage(length, 1, pixels), size, 1, interpolation);
        assertStripIsPils(new RgbImage(1, length, pixels), 1, size, interpolation);
      }
    }
  }

  private static void assertStripIsPils(
      RgbImage image, int width, int height, Interpolation interpolation) {
    RgbImage expected =
        PilOperations.resize(image, Pictures.whole(image), width, height, interpolation);
    String what = "%d x %d".formatted(image.width(), image.height());
    Resampler resampler = new Resampler(width, height, interpolation);
    Planes planes = new Planes(width, height);
    resampler.resize(image, Pictures.whole(image), true, planes);
    Pictures.assertWithin(
        1, Pictures.image(planes), PilOperations.flip(expected), what + " mirrored");
    resampler.resizeCenter(image, width, height, planes);
    Pictures.assertWithin(1, Pictures.image(planes), expected, what);
  }

  @ParameterizedTest
  @EnumSource
  void keepsPlainPicturesPlain(Interpolation interpolation) {
    SeededRandom random = SeededRandom.of(2);
    for (int level = 0; level < 256; level++) {
      int width = 1 + random.nextInt(level % 64 == 0 ? 100_000 : 200);
      int height = 1 + random.nextInt(level % 64 == 1 ? 100_000 : 200);
      byte[] pixels = new byte[width * height * 3];
      Arrays.fill(pixels, (byte) level);
      Planes planes = new Planes(40, 40);
      RgbImage image = new RgbImage(width, height, pixels);
      new Resampler(40, 40, interpolation).resize(image, Pictures.whole(image), false, planes);
      assertThat(Pictures.image(planes).pixels()).containsOnly(level);
    }
  }

  @ParameterizedTest
  @EnumSource
  void changesNothingAtTheSameSize(Interpolation interpolation) {
    RgbImage image = Pictures.random(33, 21, 3);
    Planes planes = new Planes(33, 21);
    new Resampler(33, 21, interpolation).resize(image, Pictures.whole(image), false, planes);
    Pictures.assertWithin(0, Pictures.image(planes), image, "same size");
  }

  @Test
  void doesNotDependOnWhatItResizedBefore() {
    RgbImage image = Pictures.random(60, 90, 4);
    RgbImage other = Pictures.random(300, 200, 5);
    CropBox crop = new CropBox(10, 20, 31, 17);
    Resampler used = new Resampler(32, 32, Interpolation.BICUBIC);
    Planes planes = new Planes(32, 32);
    used.resize(other, Pictures.whole(other), true, planes);
    used.resize(image, crop, false, planes);
    Planes fresh = new Planes(32, 32);
    new Resampler(32, 32, Interpolation.BICUBIC).resize(image, crop, false, fresh);
    Pictures.assertWithin(0, Pictures.image(planes), Pictures.image(fresh), "after another");
  }
}
