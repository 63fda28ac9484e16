package io.simclrbeam.model.train;

import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says every few seconds how far training is. */
final class Progress {
  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
  private static final double INTERVAL_SECONDS = 5;

  private final TrainingSettings settings;
  private final long stepsPerEpoch;
  private long lastNanos = System.nanoTime();
  private long lastStep;
  private double loss;
  private double top1;

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
    if (seconds < INTERVAL_SECONDS && stepsDone < settings.steps()) {
      return;
    }
    long steps = stepsDone - lastStep;
    double stepsPerSecond = steps / seconds;
    LOG.info(
        "{}",
        String.format(
            Locale.ROOT,
            "step %d of %d, epoch %.1f, loss %.4f, contrastive top-1 %.1f %%, %.0f images/s, %s left",
            stepsDone,
            settings.steps(),
            (double) stepsDone / stepsPerEpoch,
            loss / steps,
            100 * top1 / steps,
            stepsPerSecond * settings.batchSize(),
            left((settings.steps() - stepsDone) / stepsPerSecond)));
    lastNanos = now;
    lastStep = stepsDone;
    loss = 0;
    top1 = 0;
  }

  private static String left(double seconds) {
    Duration duration = Duration.ofSeconds(Math.round(seconds));
    return duration.toHours() > 0
        ? "%d h %d min".formatted(duration.toHours(), duration.toMinutesPart())
        : duration.toMinutes() > 0
            ? "%d min %d s".formatted(duration.toMinutes(), duration.toSecondsPart())
            : "%d s".formatted(duration.toSeconds());
  }
}
