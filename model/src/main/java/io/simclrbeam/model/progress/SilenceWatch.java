package io.simclrbeam.model.progress;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.simclrbeam.model.text.Numbers;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says on a terminal, once a second, for how long a job has shown no progress: it takes a while to
 * start and to end, and so may a step of training. Elsewhere it is silent, as it logs at DEBUG.
 */
public final class SilenceWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SilenceWatch.class);
  private static final long INTERVAL_MILLIS = 1_000;

  /** A job that shows progress every second is not silent. */
  private static final long LEAST_NANOS = SECONDS.toNanos(2);

  private final LongSupplier nanos;
  private final Supplier<ProgressLine.@Nullable Shown> progress;
  private final long startNanos;
  private final Timer timer = new Timer("silence-watch", true);

  /**
   * Creates one that {@link #look} must be asked.
   *
   * @param nanos the time, as {@link System#nanoTime}
   * @param progress the last line
   */
  SilenceWatch(LongSupplier nanos, Supplier<ProgressLine.@Nullable Shown> progress) {
    this.nanos = nanos;
    this.progress = progress;
    startNanos = nanos.getAsLong();
  }

  /** Creates one that looks by itself and logs what it sees, until it is closed. */
  public static SilenceWatch start() {
    SilenceWatch watch = new SilenceWatch(System::nanoTime, ProgressLine::last);
    TimerTask look =
        new TimerTask() {
          @Override
          public void run() {
            watch.look().ifPresent(text -> LOG.atDebug().addMarker(ProgressLine.MARKER).log(text));
          }
        };
    watch.timer.schedule(look, INTERVAL_MILLIS, INTERVAL_MILLIS);
    return watch;
  }

  /** Returns what to say of the silence, if there is any. */
  Optional<String> look() {
    ProgressLine.@Nullable Shown last = progress.get();
    boolean begun = last != null && last.nanos() - startNanos > 0;
    long silent = nanos.getAsLong() - (begun ? last.nanos() : startNanos);
    if (silent < LEAST_NANOS) {
      return Optional.empty();
    }
    String time = Numbers.time(silent / 1e9);
    return Optional.of(begun ? "%s (%s ago)".formatted(last.text(), time) : "Working, " + time);
  }

  @Override
  public void close() {
    timer.cancel();
  }
}
