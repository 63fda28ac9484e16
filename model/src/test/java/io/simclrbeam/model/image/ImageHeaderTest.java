package io.simclrbeam.model.image;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageHeaderTest {

  @ParameterizedTest
  @CsvSource({
    "baseline.jpg, JPEG, 32, 32",
    "progressive.jpg, JPEG, 32, 32",
    "orientation.jpg, JPEG, 32, 32",
    "alpha.png, PNG, 32, 32",
    "lossy.webp, WEBP, 32, 32",
    "alpha.webp, WEBP, 32, 32",
    "lzw.tif, TIFF, 32, 32",
    "orientation.tif, TIFF, 32, 20",
    "animated.gif, GIF, 32, 32",
    "bilevel.bmp, BMP, 32, 32"
  })
  void readsFormatAndSize(String name, ImageFormat format, int width, int height) throws Exception {
    try (InputStream stream =
        requireNonNull(ImageHeaderTest.class.getResourceAsStream("/golden/decode/" + name))) {
      assertThat(ImageHeader.of(stream.readAllBytes()))
          .isEqualTo(new ImageHeader(format, width, height));
    }
  }
}
