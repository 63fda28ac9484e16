package io.simclrbeam.pipelines.train;

import io.simclrbeam.model.checkpoint.Checkpoints;
import java.io.IOException;
import java.util.Timer;
import java.util.TimerTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says how far training is that goes on elsewhere, from the checkpoints that it leaves: the
 * workers' own words stay in their logs.
 */
final class CheckpointWatch {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointWatch.class);

  private final Timer timer = new Timer("checkpoint-watch", true);
  private final Checkpoints checkpoints;
  private final long steps;
  private final long startNanos = System.nanoTime();
  private final long firstStep;
  private long newest;

  private CheckpointWatch(Checkpoints checkpoints, long firstStep, long steps) {
    this.checkpoints = checkpoints;
    this.steps = steps;
    this.firstStep = firstStep;
    newest = firstStep;
  }

  /**
   * Begins to watch.
   *
   * @param firstStep where training stands
   * @param steps of the whole run
   */
  static CheckpointWatch start(
      Checkpoints checkpoints, long firstStep, long steps, long intervalMillis) {
    CheckpointWatch watch = new CheckpointWatch(checkpoints, firstStep, steps);
    TimerTask look =
        new TimerTask() {
          @Override
          public void run() {
            watch.look();
          }
        };
    watch.timer.schedule(look, intervalMillis, intervalMillis);
    return watch;
  }

  private void look() {
    try {
      long step = checkpoints.newestStep().orElse(newest);
      if (step > newest) {
        newest = step;
        double perStep = (System.nanoTime() - startNanos) / 1e9 / (step - firstStep);
        LOG.info(
            "step {} of {}, about {} min left",
            step,
            steps,
            (long) Math.ceil((steps - step) * perStep / 60));
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("Cannot see how far training is: {}", e.getMessage());
    }
  }

  void stop() {
    timer.cancel();
  }
}
