package io.simclrbeam.model.train;

import io.simclrbeam.model.progress.ProgressLine;
import io.simclrbeam.model.text.Numbers;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Says every few seconds how far training is, and every second at the level DEBUG for a terminal
 * that shows one line.
 */
final class Progress {
  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
  private static final double INTERVAL_SECONDS = 5;
  private static final double SHORT_INTERVAL_SECONDS = 1;

  private final TrainingSettings settings;
  private final long stepsPerEpoch;
  private long lastNanos = System.nanoTime();
  private long shownNanos = lastNanos;
  private long lastStep;
  private double loss;
  private double top1;

  /** What the newest probe has found, for people; empty before the first. */
  private String probed = "";

  Progress(TrainingSettings settings, long stepsPerEpoch, long stepsDone) {
    this.settings = settings;
    this.stepsPerEpoch = stepsPerEpoch;
    this.lastStep = stepsDone;
  }

  /** Takes note of a step; numbers shown are means since the last line. */
  void report(long stepsDone, StepStatistics statistics) {
    loss += statistics.loss();
    top1 += statistics.contrastiveTop1();
    long now = System.nanoTime();
    double seconds = (now - lastNanos) / 1e9;
    boolean due = seconds >= INTERVAL_SECONDS || stepsDone == settings.steps();
    if (!due && (now - shownNanos) / 1e9 < SHORT_INTERVAL_SECONDS) {
      return;
    }
    shownNanos = now;
    show(due ? Level.INFO : Level.DEBUG, stepsDone, seconds);
    if (!due) {
      return;
    }
    lastNanos = now;
    lastStep = stepsDone;
    loss = 0;
    top1 = 0;
  }

  /** Takes note of a logged step; if it has a probe, that is shown until the next. */
  void note(MetricsLine line) {
    line.describeProbe().ifPresent(found -> probed = ", " + found);
  }

  private void show(Level level, long stepsDone, double seconds) {
    long steps = stepsDone - lastStep;
    double stepsPerSecond = steps / seconds;
    double imagesPerSecond = stepsPerSecond * settings.batchSize();
    ProgressLine.log(
        LOG.atLevel(level)
            .addKeyValue("step", stepsDone)
            .addKeyValue("steps", settings.steps())
            .addKeyValue("loss", loss / steps)
            .addKeyValue("contrastive_top1", top1 / steps)
            .addKeyValue("images_per_s", imagesPerSecond),
        String.format(
            Locale.ROOT,
            // In a narrow terminal the end is not seen.
            "step %d of %d, %s left, loss %.4f, %.0f images/s, contrastive top-1 %.1f %%, epoch %.1f%s",
            stepsDone,
            settings.steps(),
            Numbers.time((settings.steps() - stepsDone) / stepsPerSecond),
            loss / steps,
            imagesPerSecond,
            100 * top1 / steps,
            (double) stepsDone / stepsPerEpoch,
            probed));
  }
}
