package io.simclrbeam.model.text;

import java.time.Duration;
import java.util.Locale;

/** Numbers with what they count, in English. */
public final class Numbers {
  private Numbers() {}

  /** Returns a number with its noun, such as {@code 1 image} or {@code 2,000 images}. */
  public static String count(long number, String noun) {
    return grouped(number) + " " + plural(number, noun);
  }

  /** Returns a part of a number with its noun, such as {@code 1 of 1 image}. */
  public static String part(long part, long whole, String noun) {
    return grouped(part) + " of " + count(whole, noun);
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String plural(long number, String noun) {
    if (number == 1) {
      return noun;
    }
    return noun.matches(".*[^aeou]y")
        ? noun.substring(0, noun.length() - 1) + "ies"
        : noun + (noun.endsWith("s") ? "es" : "s");
  }

  /** Returns a number of bytes, such as {@code 12.3 MB}. */
  public static String bytes(long bytes) {
    return bytes < 1_000_000
        ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
        : bytes < 1_000_000_000
            ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
            : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }

  /** Returns a time, such as {@code 3 min 20 s}. */
  public static String time(double seconds) {
    Duration duration = Duration.ofSeconds(Math.round(seconds));
    return duration.toHours() > 0
        ? "%d h %d min".formatted(duration.toHours(), duration.toMinutesPart())
        : duration.toMinutes() > 0
            ? "%d min %d s".formatted(duration.toMinutes(), duration.toSecondsPart())
            : "%d s".formatted(duration.toSeconds());
  }
}
