package io.simclrbeam.model.augment;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.image.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InferenceTransformTest {

  private static RgbImage apply(RgbImage image, int size, Interpolation interpolation) {
    byte[] out = new byte[3 * size * size + 5];
    new InferenceTransform(size, interpolation).apply(image, out, 5);
    byte[] view = new byte[3 * size * size];
    System.arraycopy(out, 5, view, 0, view.length);
    return new RgbImage(size, size, view);
  }

  /** Resize and CenterCrop of torchvision, with the sizes and offsets that they compute. */
  @ParameterizedTest
  @CsvSource({
    "150, 113, 70, 80, 106, 18, 5, BILINEAR",
    "113, 150, 70, 106, 80, 5, 18, BICUBIC",
    "30, 31, 96, 113, 110, 7, 8, BILINEAR",
    "200, 200, 66, 75, 75, 4, 4, BICUBIC",
    "1, 3, 70, 240, 80, 5, 85, BILINEAR",
    "301, 20, 72, 82, 1234, 581, 5, BILINEAR"
  })
  void cutsTheCenterOfTheResizedPicture(
      int width,
      int height,
      int size,
      int fullHeight,
      int fullWidth,
      int left,
      int top,
      Interpolation interpolation) {
    RgbImage image = Pictures.random(width, height, 1);
    RgbImage full =
        PilOperations.resize(image, Pictures.whole(image), fullWidth, fullHeight, interpolation);
    byte[] center = new byte[3 * size * size];
    for (int y = 0; y < size; y++) {
      System.arraycopy(
          full.pixels(), 3 * ((top + y) * fullWidth + left), center, 3 * y * size, 3 * size);
    }
    Pictures.assertWithin(
        1,
        apply(image, size, interpolation),
        new RgbImage(size, size, center),
        width + " x " + height);
  }

  @ParameterizedTest
  @CsvSource({"100, 50, 64, BILINEAR", "17, 40, 32, BICUBIC", "1, 1, 8, BILINEAR"})
  void smallViewsShowTheWholePicture(int width, int height, int size, Interpolation interpolation) {
    RgbImage image = Pictures.random(width, height, 2);
    Pictures.assertWithin(
        1,
        apply(image, size, interpolation),
        PilOperations.resize(image, Pictures.whole(image), size, size, interpolation),
        width + " x " + height);
  }

  @Test
  void picturesOfTheSizeStayAsTheyAre() {
    RgbImage image = Pictures.random(32, 32, 3);
    Pictures.assertWithin(0, apply(image, 32, Interpolation.BILINEAR), image, "32 x 32");
  }

  @Test
  void takesPicturesThatWouldBeHugeOnceResized() {
    RgbImage image = Pictures.random(1, 1_000_000, 4);
    RgbImage view = apply(image, 224, Interpolation.BILINEAR);
    RgbImage middle =
        PilOperations.resize(
            image, new CropBox(0, 499_000, 1, 2000), 1, 512_000, Interpolation.BILINEAR);
    byte[] expected = new byte[3 * 224 * 224];
    for (int y = 0; y < 224; y++) {
      for (int x = 0; x < 224; x++) {
        System.arraycopy(middle.pixels(), 3 * (256_000 - 112 + y), expected, 3 * (y * 224 + x), 3);
      }
    }
    Pictures.assertWithin(1, view, new RgbImage(224, 224, expected), "1 x 1,000,000");
  }

  @Test
  void refusesSizesThatAreOutOfRange() {
    assertThatThrownBy(() -> new InferenceTransform(0, Interpolation.BILINEAR))
        .hasMessage("the size is 0, but must be from 1 to 4096 pixels");
    assertThatThrownBy(() -> new InferenceTransform(4097, Interpolation.BILINEAR))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
