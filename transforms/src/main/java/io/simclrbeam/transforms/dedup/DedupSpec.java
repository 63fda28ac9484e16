package io.simclrbeam.transforms.dedup;

import java.io.Serializable;

/**
 * What counts as a near duplicate, and how they are searched for.
 *
 * @param threshold least cosine similarity of near duplicates, above 0 and at most 1
 * @param cells to divide the images into, 1 to {@value #MOST_CELLS}; 0: as many as suit their
 *     number
 * @param maxCopies further cells that an image is compared in, at least 0; if it needs more, those
 *     with the nearest borders
 * @param seed of the sample that the cells are learned from
 */
public record DedupSpec(double threshold, int cells, int maxCopies, long seed)
    implements Serializable {
  /** The most cells there can be. */
  public static final int MOST_CELLS = 4096;

  /** Images that are compared with each other in a fraction of a second. */
  private static final int IMAGES_PER_CELL = 4096;

  private static final int SAMPLES_PER_CELL = 16;
  private static final int LEAST_SAMPLES = 1024;

  /** Of float32: 128 MiB, in one worker. */
  private static final int MOST_SAMPLED_NUMBERS = 1 << 25;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public DedupSpec {
    if (!(threshold > 0 && threshold <= 1)) {
      throw new IllegalArgumentException(
          "a threshold is above 0 and at most 1, but this is " + threshold);
    }
    if (cells < 0 || cells > MOST_CELLS || maxCopies < 0) {
      throw new IllegalArgumentException(
          "there are 0 to %d cells and at least 0 copies, not %d and %d"
              .formatted(MOST_CELLS, cells, maxCopies));
    }
  }

  /** Returns the number of cells for so many images. */
  int cellsFor(long images) {
    if (cells > 0) {
      return cells;
    }
    return (int) Math.max(1, Math.min(MOST_CELLS, (images - 1) / IMAGES_PER_CELL + 1));
  }

  /** Returns how many of so many vectors to learn cells from. */
  int samplesFor(long images, int dimension) {
    int wanted = Math.max(LEAST_SAMPLES, SAMPLES_PER_CELL * cellsFor(images));
    return Math.min(wanted, Math.max(LEAST_SAMPLES, MOST_SAMPLED_NUMBERS / dimension));
  }
}
