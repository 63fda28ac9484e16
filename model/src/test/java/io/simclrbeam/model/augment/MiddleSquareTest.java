package io.simclrbeam.model.augment;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.image.RgbImage;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MiddleSquareTest {
  /** A wide picture, red in its middle square, green beside it. */
  @Test
  void drawsTheMiddleAndNothingBesideIt() {
    byte[] pixels = new byte[3 * 30 * 10];
    for (int y = 0; y < 10; y++) {
      for (int x = 0; x < 30; x++) {
        pixels[3 * (30 * y + x) + (x >= 10 && x < 20 ? 0 : 1)] = (byte) 200;
      }
    }
    byte[] sheet = new byte[3 * 12 * 8];
    Arrays.fill(sheet, (byte) 7);
    MiddleSquare square = new MiddleSquare(4);
    square.draw(new RgbImage(30, 10, pixels), sheet, 12, 5, 3);
    for (int y = 0; y < 8; y++) {
      for (int x = 0; x < 12; x++) {
        boolean inside = x >= 5 && x < 9 && y >= 3 && y < 7;
        byte[] color = Arrays.copyOfRange(sheet, 3 * (12 * y + x), 3 * (12 * y + x) + 3);
        assertThat(color)
            .containsExactly(inside ? new byte[] {(byte) 200, 0, 0} : new byte[] {7, 7, 7});
      }
    }
  }
}
