package io.simclrbeam.pipelines.train;

import io.simclrbeam.model.checkpoint.Checkpoints;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.train.MetricsFile;
import io.simclrbeam.model.train.MetricsLine;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says how far training is that goes on elsewhere, and how it does, from the checkpoints and the
 * metrics that it leaves: the workers' own words stay in their logs.
 */
final class CheckpointWatch {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointWatch.class);

  private final Timer timer = new Timer("checkpoint-watch", true);
  private final FileStore model;
  private final Checkpoints checkpoints;
  private final long steps;
  private final LongSupplier nanos;
  private final long startNanos;
  private final long firstStep;
  private long newest;

  CheckpointWatch(FileStore model, long firstStep, long steps, LongSupplier nanos) {
    this.model = model;
    this.checkpoints = new Checkpoints(model);
    this.steps = steps;
    this.nanos = nanos;
    startNanos = nanos.getAsLong();
    this.firstStep = firstStep;
    newest = firstStep;
  }

  /**
   * Begins to watch.
   *
   * @param firstStep where training stands
   * @param steps of the whole run
   */
  static CheckpointWatch start(FileStore model, long firstStep, long steps, long intervalMillis) {
    CheckpointWatch watch = new CheckpointWatch(model, firstStep, steps, System::nanoTime);
    TimerTask look =
        new TimerTask() {
          @Override
          public void run() {
            watch.log();
          }
        };
    watch.timer.schedule(look, intervalMillis, intervalMillis);
    return watch;
  }

  /** Returns how far training is; empty if there is no newer checkpoint since it was asked last. */
  Optional<String> look() throws IOException {
    long step = checkpoints.newestSealedStep().orElse(newest);
    if (step <= newest) {
      return Optional.empty();
    }
    newest = step;
    double perStep = (nanos.getAsLong() - startNanos) / 1e9 / (step - firstStep);
    long minutes = (long) Math.ceil((steps - step) * perStep / 60);
    return Optional.of(
        "step %d of %d, about %d min left%s".formatted(step, steps, minutes, metrics(step)));
  }

  /** Returns what the newest lines of the metrics say of the training. */
  private String metrics(long step) throws IOException {
    List<MetricsLine> lines = MetricsFile.read(model, step);
    StringBuilder text = new StringBuilder();
    if (!lines.isEmpty()) {
      MetricsLine last = lines.get(lines.size() - 1);
      text.append(
          String.format(
              Locale.ROOT,
              ", loss %.4f, contrastive top-1 %.1f %%",
              last.loss(),
              100 * last.contrastiveTop1()));
    }
    lines.stream()
        .flatMap(line -> line.describeProbe().stream())
        .reduce((earlier, later) -> later)
        .ifPresent(probed -> text.append(", ").append(probed));
    return text.toString();
  }

  private void log() {
    try {
      look().ifPresent(LOG::info);
    } catch (IOException | RuntimeException e) {
      LOG.warn("Cannot see how far training is: {}", e.getMessage());
    }
  }

  void stop() {
    timer.cancel();
  }
}
