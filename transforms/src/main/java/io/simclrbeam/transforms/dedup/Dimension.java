package io.simclrbeam.transforms.dedup;

/** The number of numbers in an embedding, which must be the same for all that are compared. */
final class Dimension {
  private Dimension() {}

  /**
   * Checks a point.
   *
   * @throws UnusableEmbeddingsException if it has another dimension
   */
  static void require(int dimension, Point point) {
    if (point.vector().length != dimension) {
      throw new UnusableEmbeddingsException(
          "the embedding of %s has %d numbers and others have %d, but all must have equally many"
              .formatted(point.id(), point.vector().length, dimension));
    }
  }
}
