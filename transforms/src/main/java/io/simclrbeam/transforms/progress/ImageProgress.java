package io.simclrbeam.transforms.progress;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs every few seconds how many images of a job this process has done, in all of its threads. The
 * total is not known while images are still being listed.
 */
public final class ImageProgress {
  private static final Logger LOG = LoggerFactory.getLogger(ImageProgress.class);
  private static final double INTERVAL_SECONDS = 10;
  private static final Map<String, ImageProgress> JOBS = new HashMap<>();

  private final String job;
  private final String done;
  private final LongSupplier nanos;
  private final Consumer<String> log;
  private long users;
  private long images;
  private long lastImages;
  private long lastNanos;

  ImageProgress(String job, String done, LongSupplier nanos, Consumer<String> log) {
    this.job = job;
    this.done = done;
    this.nanos = nanos;
    this.log = log;
    lastNanos = nanos.getAsLong();
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
              job, key -> new ImageProgress(job, done, System::nanoTime, LOG::info));
      progress.users++;
      return progress;
    }
  }

  /** Ends a thread's part in the job. */
  public void leave() {
    synchronized (JOBS) {
      users--;
      if (users == 0) {
        JOBS.remove(job);
      }
    }
  }

  /** Counts images that are done. */
  public synchronized void add(int count) {
    images += count;
    long now = nanos.getAsLong();
    double seconds = (now - lastNanos) / 1e9;
    if (seconds >= INTERVAL_SECONDS) {
      log.accept(
          String.format(
              Locale.ROOT,
              "%,d images %s, %.0f images/s",
              images,
              done,
              (images - lastImages) / seconds));
      lastImages = images;
      lastNanos = now;
    }
  }
}
