package io.simclrbeam.model.optimizer;

/**
 * The learning rate of each step: linear warmup from 0 to the peak, then half a cosine down to 0
 * (SimCLR paper, section 2.1 and appendix B; Loshchilov and Hutter, arXiv 1608.03983).
 *
 * @param peak the rate at the end of the warmup
 * @param warmupSteps steps of the warmup, fewer than all
 * @param steps of the whole run
 */
public record LearningRate(double peak, long warmupSteps, long steps) {
  /**
   * Returns the rate of a step, counted from 0.
   *
   * <p>The first step already learns and the last still does: the warmup reaches the peak with its
   * last step.
   */
  public double at(long step) {
    if (step < warmupSteps) {
      return peak * (step + 1) / warmupSteps;
    }
    double progress = (double) (step - warmupSteps) / (steps - warmupSteps);
    return peak * 0.5 * (1 + StrictMath.cos(Math.PI * progress));
  }
}
