package io.simclrbeam.model.optimizer;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.simclrbeam.model.settings.Problems;

/**
 * Linear warmup from 0 to the peak, then half a cosine down to 0 (SimCLR paper, section 2.1 and
 * appendix B; Loshchilov and Hutter, arXiv 1608.03983).
 *
 * @param peak the rate at the end of the warmup, above 0
 * @param warmupSteps steps of the warmup, fewer than those of the run
 */
@JsonTypeName("warmup_cosine")
public record WarmupCosine(double peak, long warmupSteps) implements Schedule {
  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if any is out of range, with all of them
   */
  public WarmupCosine {
    new Problems()
        .unless(peak > 0 && Double.isFinite(peak), "learning rate must be above 0, but is %s", peak)
        .unless(warmupSteps >= 0, "warmup must be of at least 0 steps, but is %d", warmupSteps)
        .check();
  }

  /**
   * Returns the learning rate of a step. The first step already learns and the last still does: the
   * warmup reaches the peak with its last step.
   */
  @Override
  public double rate(long step, long steps) {
    if (step < warmupSteps) {
      return peak * (step + 1) / warmupSteps;
    }
    double progress = (double) (step - warmupSteps) / (steps - warmupSteps);
    return peak * 0.5 * (1 + StrictMath.cos(Math.PI * progress));
  }
}
