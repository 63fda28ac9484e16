package io.simclrbeam.model.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.Allocation;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.random.Purpose;
import io.simclrbeam.model.random.RandomStreams;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ViewAugmenterTest {
  private static final int SIZE = 24;
  private static final int BYTES = 3 * SIZE * SIZE;

  private static final RandomStreams STREAMS = RandomStreams.of(1);

  private static final AugmentSettings SETTINGS =
      AugmentSettings.simclr(SIZE)
          .withJitter(JitterSettings.ofStrength(0.8, 1))
          .withBlur(new BlurSettings(0.5, 0.1, 2, 3));

  private static byte[] view(ViewAugmenter augmenter, RgbImage image, long... key) {
    byte[] out = new byte[BYTES];
    augmenter.augment(image, RandomStreams.of(key[0]), key[1], key[2], (int) key[3], out, 0);
    return out;
  }

  @Test
  void isTheOperationsInTorchvisionsOrder() {
    ViewAugmenter augmenter = new ViewAugmenter(SETTINGS);
    Set<String> kinds = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      RgbImage image = Pictures.random(20 + i % 30, 15 + i % 37, i);
      ViewParameters parameters =
          ViewParameters.draw(
              SETTINGS,
              image.width(),
              image.height(),
              RandomStreams.of(1).stream(Purpose.VIEWS, i, 2, i % 2));
      ColorJitter jitter = parameters.jitter();
      kinds.add(parameters.grayscale() + " " + (jitter == null) + " " + parameters.blurSigma());

      Planes planes = new Planes(SIZE, SIZE);
      new Resampler(SIZE, SIZE, SETTINGS.interpolation())
          .resize(image, parameters.crop(), parameters.flip(), planes);
      RgbImage expected = Pictures.image(planes);
      if (jitter != null) {
        for (ColorJitter.Operation operation : jitter.order()) {
          expected =
              switch (operation) {
                case BRIGHTNESS -> PilOperations.brightness(expected, jitter.brightness());
                case CONTRAST -> PilOperations.contrast(expected, jitter.contrast());
                case SATURATION -> saturated(expected, jitter.saturation());
                case HUE -> PilOperations.hue(expected, jitter.hue());
              };
        }
      }
      if (parameters.grayscale()) {
        expected = PilOperations.grayscale(expected);
      }
      if (parameters.blurSigma() > 0) {
        expected = PilOperations.blur(expected, 3, parameters.blurSigma());
      }
      Pictures.assertWithin(
          1,
          new RgbImage(SIZE, SIZE, view(augmenter, image, 1, i, 2, i % 2)),
          expected,
          parameters.toString());
    }
    assertThat(kinds).hasSizeGreaterThan(50);
  }

  /** Ours, as one level of difference may grow in the operations that follow. */
  private static RgbImage saturated(RgbImage image, double factor) {
    Planes planes = Pictures.planes(image);
    new ColorOperations().saturation(planes, factor);
    return Pictures.image(planes);
  }

  @Test
  void sameKeySameBytesWhateverCameBefore() {
    RgbImage image = Pictures.random(70, 50, 1);
    RgbImage other = Pictures.random(200, 31, 2);
    ViewAugmenter used = new ViewAugmenter(SETTINGS);
    byte[][] first = new byte[50][];
    for (int i = 0; i < first.length; i++) {
      first[i] = view(used, image, 9, 4, i, 0);
    }
    for (int i = first.length - 1; i >= 0; i--) {
      view(used, other, 9, 5, i, 1);
      assertThat(view(used, image, 9, 4, i, 0)).isEqualTo(first[i]);
      assertThat(view(new ViewAugmenter(SETTINGS), image, 9, 4, i, 0)).isEqualTo(first[i]);
    }
  }

  @Test
  void everyPartOfTheKeyMatters() {
    RgbImage image = Pictures.random(70, 50, 1);
    ViewAugmenter augmenter = new ViewAugmenter(SETTINGS);
    byte[] view = view(augmenter, image, 1, 2, 3, 0);
    assertThat(view(augmenter, image, 2, 2, 3, 0)).isNotEqualTo(view);
    assertThat(view(augmenter, image, 1, 3, 3, 0)).isNotEqualTo(view);
    assertThat(view(augmenter, image, 1, 2, 4, 0)).isNotEqualTo(view);
    assertThat(view(augmenter, image, 1, 2, 3, 1)).isNotEqualTo(view);
  }

  @Test
  void isTheSameOnEveryMachineAndVersion() {
    ViewAugmenter augmenter = new ViewAugmenter(SETTINGS);
    int hash = 1;
    for (int i = 0; i < 100; i++) {
      hash = 31 * hash + Arrays.hashCode(view(augmenter, Pictures.random(40, 33, i), 1, i, 0, 1));
    }
    assertThat(hash).isEqualTo(HASH_OF_100_VIEWS);
  }

  /** Another number here means that a resumed run sees other views than one that never stopped. */
  private static final int HASH_OF_100_VIEWS = 274966955;

  @Test
  void picturesOfOnePixelGivePlainViews() {
    byte[] out = new byte[BYTES];
    new ViewAugmenter(SETTINGS)
        .augment(new RgbImage(1, 1, new byte[] {10, 20, 30}), STREAMS, 2, 3, 0, out, 0);
    for (int i = 3; i < BYTES; i++) {
      assertThat(out[i]).isEqualTo(out[i % 3]);
    }
  }

  @Test
  void writesOnlyAtItsPlace() {
    RgbImage image = Pictures.random(40, 40, 3);
    byte[] out = new byte[BYTES + 20];
    Arrays.fill(out, (byte) 77);
    ViewAugmenter augmenter = new ViewAugmenter(SETTINGS);
    augmenter.augment(image, STREAMS, 2, 3, 0, out, 7);
    assertThat(Arrays.copyOf(out, 7)).containsOnly(77);
    assertThat(Arrays.copyOfRange(out, 7 + BYTES, out.length)).containsOnly(77);
    assertThat(Arrays.copyOfRange(out, 7, 7 + BYTES)).isEqualTo(view(augmenter, image, 1, 2, 3, 0));
  }

  @Test
  void refusesAnArrayThatIsTooShort() {
    assertThatThrownBy(
            () ->
                new ViewAugmenter(SETTINGS)
                    .augment(Pictures.random(9, 9, 1), STREAMS, 2, 3, 0, new byte[BYTES], 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  /** The view alone would be 12 kB, its planes 48 kB. */
  @Test
  void leavesNoPixelsToTheGarbageCollector() throws Exception {
    AugmentSettings settings = AugmentSettings.simclr(64);
    ViewAugmenter augmenter =
        new ViewAugmenter(settings.withBlur(settings.blur().withProbability(0.5)));
    RgbImage image = Pictures.random(100, 80, 4);
    byte[] out = new byte[3 * 64 * 64];
    int[] key = {0};
    long perView =
        Allocation.bytesPerRun(
            () -> augmenter.augment(image, STREAMS, key[0]++ % 500, 2, key[0] % 2, out, 0));
    assertThat(perView).isLessThan(500);
  }
}
