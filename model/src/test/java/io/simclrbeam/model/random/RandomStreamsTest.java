package io.simclrbeam.model.random;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.settings.SettingsVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RandomStreamsTest {
  private static final long[] PARTS = {0, 1, 2, 3, 4, 5, -1, 1000, 0xCBF43926L};

  /**
   * But for the levels of sample images. They are quantiles of many points, from a stream that the
   * first image has too. With other points, all sample images would be others.
   */
  @Test
  void noTwoPurposesAndKeysShareAStream() {
    Map<Long, String> starts = new HashMap<>();
    for (long seed : PARTS) {
      for (Purpose purpose : EnumSet.complementOf(EnumSet.of(Purpose.SAMPLE_LEVELS))) {
        for (long[] key : keys(purpose)) {
          String stream = "%s of seed %d, %s".formatted(purpose, seed, Arrays.toString(key));
          long start = streams(purpose, seed).stream(purpose, key).nextLong();
          assertThat(starts.put(start, stream)).as(stream).isNull();
        }
      }
    }
  }

  /** Sample images keep the streams that they were first drawn with. */
  private static RandomStreams streams(Purpose purpose, long seed) {
    return switch (purpose) {
      case SAMPLE_IMAGE -> new RandomStreams(seed, SettingsVersion.V1);
      // The seed of a texture is 64 random bits from the stream of its image.
      case SAMPLE_TEXTURE ->
          new RandomStreams(SeededRandom.mix(seed + 1_000_000), SettingsVersion.V1);
      default -> RandomStreams.of(seed);
    };
  }

  /** All keys of a purpose's length that are made of some numbers. */
  private static List<long[]> keys(Purpose purpose) {
    int length =
        switch (purpose) {
          case SAMPLE_LEVELS, PROBED_IMAGES, MAP_ANCHORS -> 0;
          case WEIGHTS, EPOCH_ORDER, DRAWN_IMAGES, CELLS, RECALL, SAMPLE_IMAGE, BOOTSTRAP, MAP -> 1;
          case SUBSTITUTES, SAMPLE_TEXTURE -> 2;
          case VIEWS -> 3;
        };
    List<long[]> keys = new ArrayList<>();
    keys.add(new long[0]);
    for (int i = 0; i < length; i++) {
      List<long[]> longer = new ArrayList<>();
      for (long[] key : keys) {
        for (long part : PARTS) {
          long[] next = Arrays.copyOf(key, key.length + 1);
          next[key.length] = part;
          longer.add(next);
        }
      }
      keys = longer;
    }
    return keys;
  }

  @Test
  void purposesHaveNumbersOfTheirOwn() {
    assertThat(Arrays.stream(Purpose.values()).map(Purpose::number)).doesNotHaveDuplicates();
  }

  /** Runs that began with version 1 go on with these; the first numbers were noted then. */
  @Test
  void version1KeepsItsStreams() {
    RandomStreams old = new RandomStreams(3, SettingsVersion.V1);
    assertThat(old.stream(Purpose.WEIGHTS, 7).nextLong()).isEqualTo(0x7472B4091499ECA9L);
    assertThat(old.stream(Purpose.VIEWS, 7, 8, 1).nextLong()).isEqualTo(0x2F5127FD4B26280BL);
    assertThat(old.stream(Purpose.EPOCH_ORDER, 7).nextLong()).isEqualTo(0xA6BC5A5AB6EFE9ADL);
    assertThat(old.stream(Purpose.SUBSTITUTES, 7, 8).nextLong()).isEqualTo(0x1F2D923257A6DCEAL);
    // What version 2 mends.
    assertThat(old.stream(Purpose.VIEWS, 2, 7, 8).nextLong()).isEqualTo(0x1F2D923257A6DCEAL);
  }
}
