package io.simclrbeam.model.train;

/** Watches the statistics of steps, and ends runs that have diverged or collapsed. */
public final class DivergenceAlarm {
  /** Projections have collapsed below this share of the std of evenly spread ones. */
  private static final double COLLAPSED_SHARE = 0.01;

  private static final int PATIENCE_STEPS = 50;

  private final double collapsedStd;
  private int collapsedSteps;

  /**
   * Creates an alarm for projections of so many numbers.
   *
   * @param collapsedSteps what {@link #collapsedSteps} was where training goes on from
   */
  public DivergenceAlarm(int projectionDim, int collapsedSteps) {
    collapsedStd = COLLAPSED_SHARE / Math.sqrt(projectionDim);
    this.collapsedSteps = collapsedSteps;
  }

  /** Returns for how many of the last steps in a row projections have collapsed. */
  public int collapsedSteps() {
    return collapsedSteps;
  }

  /**
   * Takes note of a step.
   *
   * @throws TrainingDivergedException if a number is not finite, or the projections of the last 50
   *     steps were all but equal
   */
  public void check(long step, StepStatistics statistics) {
    if (!statistics.isFinite()) {
      throw new TrainingDivergedException(
          ("Training diverged at step %d: loss %s, gradient norm %s. A lower learning rate, a longer"
                  + " warmup or a higher temperature may help.")
              .formatted(step, statistics.loss(), statistics.gradientNorm()));
    }
    collapsedSteps = statistics.embeddingStd() < collapsedStd ? collapsedSteps + 1 : 0;
    if (collapsedSteps >= PATIENCE_STEPS) {
      throw new TrainingDivergedException(
          ("Training collapsed by step %d: for %d steps all projections were nearly the same"
                  + " (std %.2g, below %.2g). A lower learning rate or a larger batch may help; so may"
                  + " a look at the images.")
              .formatted(step, PATIENCE_STEPS, statistics.embeddingStd(), collapsedStd));
    }
  }
}
