package io.simclrbeam.model.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RgbImageTest {

  @Test
  void copiesItsPixelsWithoutWhatFollowsThem() {
    byte[] pixels = {1, 2, 3, 4, 5, 6, 7, 8};
    RgbImage copy = new RgbImage(2, 1, pixels).copy();
    pixels[0] = 9;
    assertThat(copy.width()).isEqualTo(2);
    assertThat(copy.height()).isEqualTo(1);
    assertThat(copy.pixels()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void refusesFewerPixelsThanItsSize() {
    assertThatThrownBy(() -> new RgbImage(2, 1, new byte[5]))
        .hasMessage("a picture of 2 x 1 does not fit 5 bytes");
  }
}
