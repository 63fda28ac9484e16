package io.simclrbeam.model.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.sample.SampleImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PictureFileTest {
  private final RgbImage image = SampleImages.draw(3, 7, 64, 2);

  @Test
  void pngKeepsThePixels() throws Exception {
    byte[] encoded = PictureFile.of("a/b.PNG").encode(image);
    RgbImage decoded = new ImageDecoder(ExifOrientation.IGNORE).decode(encoded);
    assertThat(decoded.copy().pixels()).isEqualTo(image.copy().pixels());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.jpg", "a.JPEG"})
  void jpegIsClose(String name) throws Exception {
    byte[] encoded = PictureFile.of(name).encode(image);
    assertThat(encoded).startsWith(0xFF, 0xD8, 0xFF);
    RgbImage decoded = new ImageDecoder(ExifOrientation.IGNORE).decode(encoded);
    long difference = 0;
    for (int i = 0; i < 3 * 64 * 64; i++) {
      difference += Math.abs((decoded.pixels()[i] & 0xFF) - (image.pixels()[i] & 0xFF));
    }
    assertThat(difference / (3.0 * 64 * 64)).isLessThan(8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.gif", "a", "png", "a.png.gz"})
  void othersAreNotWritten(String name) {
    assertThatThrownBy(() -> PictureFile.of(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(name, ".png, .jpg or .jpeg");
  }
}
