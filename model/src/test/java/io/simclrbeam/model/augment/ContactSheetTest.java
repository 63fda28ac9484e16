package io.simclrbeam.model.augment;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.random.RandomStreams;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class ContactSheetTest {
  private static final AugmentSettings SETTINGS = AugmentSettings.simclr(48);
  private static final long SEED = 5;

  @Test
  void showsTheVeryViewsOfTraining() throws Exception {
    RgbImage first = Pictures.random(40, 30, 1);
    RgbImage second = Pictures.random(30, 50, 2);
    ContactSheet sheet = new ContactSheet(SETTINGS, SEED, 2);
    sheet.add(first);
    sheet.add(second);
    RgbImage drawn = new ImageDecoder(ExifOrientation.IGNORE).decode(sheet.toPng());

    int cell = 96; // 48 pixels, twice as large
    assertThat(drawn.width()).isEqualTo(4 + cell + 2 * (16 + 2 * cell + 4) + 4);
    assertThat(drawn.height()).isEqualTo(4 + 2 * (cell + 4));
    int top = 4 + cell + 4;
    for (int view = 0; view < 2; view++) {
      byte[] expected = new byte[48 * 48 * 3];
      new ViewAugmenter(SETTINGS).augment(second, RandomStreams.of(SEED), 1, 1, view, expected, 0);
      int left = 4 + cell + 16 + (2 * cell + 4 + 16) + view * (cell + 4);
      for (int y = 0; y < cell; y++) {
        for (int x = 0; x < cell; x++) {
          int at = (y / 2 * 48 + x / 2) * 3;
          assertThat(pixel(drawn, left + x, top + y))
              .isEqualTo(Arrays.copyOfRange(expected, at, at + 3));
        }
      }
    }
    assertThat(pixel(drawn, 0, 0)).isEqualTo(new byte[] {-1, -1, -1});
  }

  private static byte[] pixel(RgbImage image, int x, int y) {
    int at = (y * image.width() + x) * 3;
    return Arrays.copyOfRange(image.pixels(), at, at + 3);
  }
}
