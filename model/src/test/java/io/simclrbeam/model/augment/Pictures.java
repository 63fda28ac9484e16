package io.simclrbeam.model.augment;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.random.SeededRandom;

/** Pictures to test with, and how far two of them are apart. */
final class Pictures {
  private Pictures() {}

  /** Noise, hard black and white edges, plain patches and near-grays, mixed. */
  static RgbImage random(int width, int height, long seed) {
    SeededRandom random = SeededRandom.of(seed, width, height);
    byte[] pixels = new byte[width * height * 3];
    int patch = 1 + random.nextInt(9);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        SeededRandom patchRandom = SeededRandom.of(seed, x / patch, y / patch);
        int kind = patchRandom.nextInt(4);
        int plain = patchRandom.nextInt(256);
        for (int c = 0; c < 3; c++) {
          int level =
              switch (kind) {
                case 0 -> random.nextInt(256);
                case 1 -> 255 * (plain & 1);
                case 2 -> patchRandom.nextInt(256);
                default -> Math.min(255, plain + random.nextInt(3));
              };
          pixels[(y * width + x) * 3 + c] = (byte) level;
        }
      }
    }
    return new RgbImage(width, height, pixels);
  }

  static Planes planes(RgbImage image) {
    Planes planes = new Planes(image.width(), image.height());
    byte[] pixels = image.pixels();
    for (int i = 0; i < planes.count; i++) {
      planes.red[i] = pixels[3 * i] & 0xFF;
      planes.green[i] = pixels[3 * i + 1] & 0xFF;
      planes.blue[i] = pixels[3 * i + 2] & 0xFF;
    }
    return planes;
  }

  static RgbImage image(Planes planes) {
    byte[] pixels = new byte[planes.count * 3];
    planes.write(pixels, 0);
    return new RgbImage(planes.width, planes.height, pixels);
  }

  static CropBox whole(RgbImage image) {
    return new CropBox(0, 0, image.width(), image.height());
  }

  static void assertWithin(int levels, RgbImage actual, RgbImage expected, String description) {
    assertThat(actual.width()).as(description).isEqualTo(expected.width());
    assertThat(actual.height()).as(description).isEqualTo(expected.height());
    for (int i = 0; i < actual.pixels().length; i++) {
      int difference = Math.abs((actual.pixels()[i] & 0xFF) - (expected.pixels()[i] & 0xFF));
      if (difference > levels) {
        assertThat(actual.pixels()[i] & 0xFF)
            .as("%s: color %d of pixel %d", description, i % 3, i / 3)
            .isEqualTo(expected.pixels()[i] & 0xFF);
      }
    }
  }
}
