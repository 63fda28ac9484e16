package io.simclrbeam.model.train;

import io.simclrbeam.model.settings.Problems;
import java.io.Serializable;

/**
 * When training is probed, and with how many images.
 *
 * @param epochs from one probe to the next, and one more probe at the end; 0 for none at all
 * @param images in the sample, at most
 */
public record ProbePlan(int epochs, int images) implements Serializable {
  /** Never. */
  public static final ProbePlan NONE = new ProbePlan(0, 0);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if any is out of range, with all of them
   */
  public ProbePlan {
    new Problems()
        .unless(epochs >= 0, "epochs between probes must be at least 0, but are %d", epochs)
        .unless(
            epochs == 0 || images >= 1, "a probe needs at least 1 image, but there are %d", images)
        .check();
  }

  /** Returns whether there is a probe after so many of all steps. */
  boolean isDue(long stepsDone, long stepsPerEpoch, long steps) {
    return epochs > 0 && (stepsDone % (epochs * stepsPerEpoch) == 0 || stepsDone == steps);
  }
}
