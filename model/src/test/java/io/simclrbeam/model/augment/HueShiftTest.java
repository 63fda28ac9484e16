package io.simclrbeam.model.augment;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.random.SeededRandom;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HueShiftTest {

  /** The digests are of torchvision's {@code adjust_hue} on a PIL picture of all the colors. */
  @ParameterizedTest
  @CsvSource({
    "0.1, 4d84454d50c66634d31d69a7d75ef94dc6d9b0f1463a733f45ad31ae152e1a0f",
    "-0.15, 05c415be92a2b37db16b9cd936fac5b6967d2a7b2d6daf9e054435a946ae6258",
    "0.0001, 117f7237e5d272e10db1172e862e82389e9329a68811e5b66d5cb576cd276c57"
  })
  void everyColorIsTorchvisions(double turns, String sha256) throws Exception {
    HueShift hueShift = new HueShift();
    Planes planes = new Planes(256, 256);
    byte[] pixels = new byte[3 * 256 * 256];
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (int red = 0; red < 256; red++) {
      for (int i = 0; i < 256 * 256; i++) {
        planes.red[i] = red;
        planes.green[i] = i >> 8;
        planes.blue[i] = i & 0xFF;
      }
      hueShift.apply(planes, turns);
      planes.write(pixels, 0);
      digest.update(pixels);
    }
    assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(sha256);
  }

  @Test
  void everyShiftIsPils() {
    SeededRandom random = SeededRandom.of(4);
    HueShift hueShift = new HueShift();
    for (int i = -128; i <= 128; i++) {
      double turns = i / 256.0;
      RgbImage image = Pictures.random(1 + random.nextInt(70), 1 + random.nextInt(70), i);
      Planes planes = Pictures.planes(image);
      hueShift.apply(planes, turns);
      Pictures.assertWithin(
          0, Pictures.image(planes), PilOperations.hue(image, turns), turns + " turns");
    }
  }

  @Test
  void leavesGraysAlone() {
    Planes planes = Pictures.planes(PilOperations.grayscale(Pictures.random(40, 40, 1)));
    RgbImage before = Pictures.image(planes);
    new HueShift().apply(planes, 0.3);
    Pictures.assertWithin(0, Pictures.image(planes), before, "grays");
  }
}
