package io.simclrbeam.transforms.progress;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says every few seconds how many images this process has done of a job, whatever the number of
 * threads that do them. How many there are in all, nobody knows while they are still being listed.
 */
public final class ImageProgress {
  private static final Logger LOG = LoggerFactory.getLogger(ImageProgress.class);
  private static final double INTERVAL_SECONDS = 10;
  private static final Map<String, ImageProgress> JOBS = new HashMap<>();

  private final String job;
  private final String done;
  private long users;
  private long images;
  private long lastImages;
  private long lastNanos = System.nanoTime();

  private ImageProgress(String job, String done) {
    this.job = job;
    this.done = done;
  }

  /**
   * Returns the progress of a job, for a thread that will {@link #leave} it.
   *
   * @param job what tells it from others in this process
   * @param done what is done to images, such as {@code embedded}
   */
  public static ImageProgress enter(String job, String done) {
    synchronized (JOBS) {
      ImageProgress progress = JOBS.computeIfAbsent(job, key -> new ImageProgress(job, done));
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

  /** Takes note of images that are done. */
  public synchronized void add(int count) {
    images += count;
    long now = System.nanoTime();
    double seconds = (now - lastNanos) / 1e9;
    if (seconds >= INTERVAL_SECONDS) {
      LOG.info(
          "{}",
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
