package io.simclrbeam.model.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PixelBufferTest {

  @Test
  void doesNotKeepTheArrayOfAGiantPicture() {
    PixelBuffer buffer = new PixelBuffer();
    byte[] large = buffer.forSize(1, PixelBuffer.LARGEST_KEPT / 3 - 1);
    assertThat(buffer.forSize(2, 2)).isSameAs(large);
    byte[] giant = buffer.forSize(1, PixelBuffer.LARGEST_KEPT / 3 + 1);
    assertThat(giant).hasSizeGreaterThan(PixelBuffer.LARGEST_KEPT);
    assertThat(buffer.forSize(2, 2)).isSameAs(large);
  }
}
