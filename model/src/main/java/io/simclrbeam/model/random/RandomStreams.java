package io.simclrbeam.model.random;

import io.simclrbeam.model.settings.SettingsVersion;

/**
 * All random numbers that follow from a seed. There is a stream for each purpose and key, and no
 * two are the same.
 *
 * <pre>{@code
 * SeededRandom random = RandomStreams.of(seed).stream(Purpose.VIEWS, image, epoch, view);
 * }</pre>
 *
 * @param seed that the user chose
 * @param version of the settings that the seed is of
 */
public record RandomStreams(long seed, SettingsVersion version) {
  /** Returns the streams of a seed in the newest version. */
  public static RandomStreams of(long seed) {
    return new RandomStreams(seed, SettingsVersion.NEWEST);
  }

  /**
   * Returns the start of a stream.
   *
   * @param purpose what the numbers are for
   * @param key what of it, as the purpose says
   */
  public SeededRandom stream(Purpose purpose, long... key) {
    return switch (version) {
      case V1 -> SeededRandom.ofVersion1(version1Key(purpose, key));
      case V2 -> SeededRandom.of(joined(key, purpose.number(), seed));
    };
  }

  /**
   * Two purposes had numbers of their own, after the seed. The streams of substitutes were those of
   * the views of image 2.
   */
  private long[] version1Key(Purpose purpose, long... key) {
    return switch (purpose) {
      case EPOCH_ORDER -> joined(key, seed, 1);
      case SUBSTITUTES -> joined(key, seed, 2);
      default -> joined(key, seed);
    };
  }

  private static long[] joined(long[] last, long... first) {
    long[] all = new long[first.length + last.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(last, 0, all, first.length, last.length);
    return all;
  }
}
