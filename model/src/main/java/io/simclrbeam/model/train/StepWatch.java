package io.simclrbeam.model.train;

import java.time.Duration;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns of a step that does not come back. Nothing can interrupt a native call, but whoever reads
 * the log can end the process.
 */
final class StepWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StepWatch.class);
  private static final long INTERVAL_MILLIS = 10_000;

  /** No step is suspicious before that, as the first ones have nothing to be compared with. */
  private static final Duration LEAST = Duration.ofMinutes(5);

  /** A step is suspicious that takes so many times as long as the longest before it. */
  private static final int TIMES_LONGEST = 20;

  private final LongSupplier nanos;
  private final Timer timer = new Timer("step-watch", true);
  private boolean running;
  private long step;
  private long startNanos;
  private long longestNanos;
  private long patienceNanos;

  /**
   * Creates one that {@link #look} must be asked.
   *
   * @param nanos the time, as {@link System#nanoTime}
   */
  StepWatch(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** Creates one that looks by itself and logs what it sees, until it is closed. */
  static StepWatch start() {
    StepWatch watch = new StepWatch(System::nanoTime);
    TimerTask look =
        new TimerTask() {
          @Override
          public void run() {
            watch.look().ifPresent(LOG::warn);
          }
        };
    watch.timer.schedule(look, INTERVAL_MILLIS, INTERVAL_MILLIS);
    return watch;
  }

  /**
   * Does a step under watch.
   *
   * @param step its number, counted from 0
   */
  <T> T during(long step, Supplier<T> work) {
    begin(step);
    try {
      return work.get();
    } finally {
      end();
    }
  }

  private synchronized void begin(long step) {
    running = true;
    this.step = step;
    startNanos = nanos.getAsLong();
    patienceNanos = Math.max(LEAST.toNanos(), TIMES_LONGEST * longestNanos);
  }

  private synchronized void end() {
    running = false;
    longestNanos = Math.max(longestNanos, nanos.getAsLong() - startNanos);
  }

  /** Returns a warning if the running step takes too long; the next one takes twice as long. */
  synchronized Optional<String> look() {
    long taken = nanos.getAsLong() - startNanos;
    if (!running || taken < patienceNanos) {
      return Optional.empty();
    }
    patienceNanos = 2 * taken;
    return Optional.of(
        ("Step %d has not ended for %d min; the longest one before it took %.1f s. libtorch may"
                + " hang or the machine may be busy: docs/troubleshooting.md says what to look at."
                + " If the process is ended, training goes on from its newest checkpoint.")
            .formatted(step + 1, taken / 60_000_000_000L, longestNanos / 1e9));
  }

  @Override
  public void close() {
    timer.cancel();
  }
}
