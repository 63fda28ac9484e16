package io.simclrbeam.transforms.progress;

import io.simclrbeam.model.progress.ProgressLine;
import io.simclrbeam.model.text.Numbers;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Logs how many images of a job this process has done, in all of its threads: every ten seconds,
 * and every second at the level DEBUG for a terminal that shows one line. Where this process does
 * all of the job, it says how many images there are and how long they take.
 */
public final class ImageProgress {
  private static final Logger LOG = LoggerFactory.getLogger(ImageProgress.class);
  private static final double INTERVAL_SECONDS = 10;
  private static final double SHORT_INTERVAL_SECONDS = 1;
  private static final Map<String, ImageProgress> JOBS = new HashMap<>();
  private static final Map<String, Long> EXPECTED = new HashMap<>();
  private static volatile boolean alone;

  private final String job;
  private final String done;
  private final LongSupplier nanos;
  private final Consumer<Line> log;
  private final long startNanos;
  private long users;
  private long images;
  private long lastNanos;
  private long lastImages;
  private long shownNanos;

  /**
   * What is logged.
   *
   * @param images that are done
   * @param expected how many there are; 0 if that is not known
   * @param imagesPerSecond since the line before
   */
  record Line(Level level, String text, long images, long expected, long imagesPerSecond) {
    private void log() {
      LoggingEventBuilder event =
          LOG.atLevel(level)
              .addKeyValue("images", images)
              .addKeyValue("images_per_s", imagesPerSecond);
      ProgressLine.log(
          expected == 0 ? event : event.addKeyValue("images_expected", expected), text);
    }
  }

  ImageProgress(String job, String done, LongSupplier nanos, Consumer<Line> log) {
    this.job = job;
    this.done = done;
    this.nanos = nanos;
    this.log = log;
    startNanos = nanos.getAsLong();
    lastNanos = startNanos;
    shownNanos = startNanos;
  }

  /**
   * Returns the progress of a job. The thread must {@link #leave} it.
   *
   * @param job tells the job from others in this process
   * @param done what is done to images, such as {@code embedded}
   */
  public static ImageProgress enter(String job, String done) {
    synchronized (JOBS) {
      ImageProgress progress =
          JOBS.computeIfAbsent(
              job, key -> new ImageProgress(job, done, System::nanoTime, Line::log));
      progress.users++;
      return progress;
    }
  }

  /** Says that all of a job is done in this process, so that all its images are seen here. */
  public static void workAlone() {
    setAlone(true);
  }

  /** Tests in one process have different answers. */
  static void setAlone(boolean isAlone) {
    alone = isAlone;
  }

  /** Says that so many more images of a job were found, before they are done. */
  public static void expect(String job, long images) {
    if (alone) {
      synchronized (JOBS) {
        EXPECTED.merge(job, images, Long::sum);
      }
    }
  }

  /** Returns how many images of a job were found; 0 if it is not known, or the job is over. */
  public static long expected(String job) {
    synchronized (JOBS) {
      return EXPECTED.getOrDefault(job, 0L);
    }
  }

  /** Ends a thread's part in the job. */
  public void leave() {
    synchronized (JOBS) {
      users--;
      if (users == 0) {
        JOBS.remove(job);
        EXPECTED.remove(job);
      }
    }
  }

  /** Returns how many images are done. */
  public synchronized long images() {
    return images;
  }

  /** Counts images that are done. */
  public synchronized void add(int count) {
    images += count;
    long now = nanos.getAsLong();
    double seconds = (now - lastNanos) / 1e9;
    if (seconds >= INTERVAL_SECONDS) {
      show(Level.INFO, seconds, now);
      lastImages = images;
      lastNanos = now;
    } else if ((now - shownNanos) / 1e9 >= SHORT_INTERVAL_SECONDS) {
      show(Level.DEBUG, seconds, now);
    }
  }

  private void show(Level level, double seconds, long now) {
    shownNanos = now;
    long expected = expected(job);
    double rate = (images - lastImages) / seconds;
    String text =
        expected < images
            ? String.format(Locale.ROOT, "%,d images %s, %.0f images/s", images, done, rate)
            : String.format(
                Locale.ROOT,
                "%,d of %,d images %s, %.0f images/s%s",
                images,
                expected,
                done,
                rate,
                images == expected
                    ? ""
                    : ", %s left"
                        .formatted(
                            Numbers.time(
                                (expected - images)
                                    * ((now - startNanos) / 1e9)
                                    / Math.max(1, images))));
    log.accept(new Line(level, text, images, expected < images ? 0 : expected, Math.round(rate)));
  }
}
