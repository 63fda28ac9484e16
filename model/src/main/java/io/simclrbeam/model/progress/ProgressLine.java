package io.simclrbeam.model.progress;

import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** A line of the log that says how far a job is. The next such line may take its place. */
public final class ProgressLine {
  /** Lines of progress have this marker, so that a terminal can show the newest one alone. */
  public static final Marker MARKER = MarkerFactory.getMarker("PROGRESS");

  private static volatile @Nullable Shown last;

  /**
   * A line that was logged.
   *
   * @param nanos when, as {@link System#nanoTime}
   */
  record Shown(String text, long nanos) {}

  private ProgressLine() {}

  /**
   * Logs a line.
   *
   * @param event with the level and the numbers of the line
   */
  public static void log(LoggingEventBuilder event, String text) {
    last = new Shown(text, System.nanoTime());
    event.addMarker(MARKER).log(text);
  }

  /** Returns the last line of this process; null if there is none. */
  static @Nullable Shown last() {
    return last;
  }
}
