package io.simclrbeam.model.progress;

import java.time.Duration;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/** A line of the log that says how far a job is. The next such line may take its place. */
public final class ProgressLine {
  /** Lines of progress have this marker, so that a terminal can show the newest one alone. */
  public static final Marker MARKER = MarkerFactory.getMarker("PROGRESS");

  private ProgressLine() {}

  /** Returns a time for people, such as {@code 3 min 20 s}. */
  public static String time(double seconds) {
    Duration duration = Duration.ofSeconds(Math.round(seconds));
    return duration.toHours() > 0
        ? "%d h %d min".formatted(duration.toHours(), duration.toMinutesPart())
        : duration.toMinutes() > 0
            ? "%d min %d s".formatted(duration.toMinutes(), duration.toSecondsPart())
            : "%d s".formatted(duration.toSeconds());
  }
}
