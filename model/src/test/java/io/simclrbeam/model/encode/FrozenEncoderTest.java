package io.simclrbeam.model.encode;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.network.Pixels;
import org.junit.jupiter.api.Test;

final class FrozenEncoderTest {
  @Test
  void asManyImagesAreEncodedTogetherAsThereIsMemoryFor() {
    long image = 4 * 2 * 3 * 10 * 10;
    assertThat(FrozenEncoder.imagesIn(7 * image, new Pixels(10), 10)).isEqualTo(7);
    assertThat(FrozenEncoder.imagesIn(7 * image - 1, new Pixels(10), 10)).isEqualTo(6);
    assertThat(FrozenEncoder.imagesIn(image / 2, new Pixels(10), 10)).isOne();
    assertThat(FrozenEncoder.imagesIn(Long.MAX_VALUE, new Pixels(1), 1))
        .isEqualTo(Integer.MAX_VALUE);
  }
}
