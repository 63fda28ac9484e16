package io.simclrbeam.pipelines.neighbors;

import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.dataset.Embedding;

/** What an embedding must be so that it can be compared. */
final class Usable {
  private Usable() {}

  /**
   * Checks an embedding.
   *
   * @throws JobException if it has another dimension, or a number that is not finite
   */
  static void check(Embedding image, int dimension) {
    float[] vector = image.vector();
    if (vector.length != dimension) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "The embedding of %s has %d numbers and others have %d, but all must have equally many."
              .formatted(image.id(), vector.length, dimension));
    }
    for (float number : vector) {
      if (!Float.isFinite(number)) {
        throw new JobException(
            ExitCode.UNUSABLE_INPUT,
            "The embedding of %s holds %s; every number must be finite."
                .formatted(image.id(), number));
      }
    }
  }
}
