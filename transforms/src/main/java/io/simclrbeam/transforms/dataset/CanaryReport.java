package io.simclrbeam.transforms.dataset;

import java.io.Serializable;

/**
 * What became of the canaries, a few images that every run embeds anew from bytes that were kept.
 *
 * @param compared how many there were other embeddings of
 * @param identical how many of these have the same bits
 * @param changedNeighbors how many of these have another nearest neighbor among them
 * @param hardware processor, device and libtorch of this run; empty if no canary was embedded
 * @param reference where the other embeddings came from
 */
public record CanaryReport(
    int compared, int identical, int changedNeighbors, String hardware, Reference reference)
    implements Serializable {

  /** What embeddings are compared with. */
  public enum Reference {
    /** The last run's, which was computed on the same hardware. */
    SAME_HARDWARE("same hardware"),
    /** The last run's. */
    OTHER_HARDWARE("other hardware or libtorch"),
    /** Those of the same encoder in float32. */
    FLOAT32("compared with float32");

    private final String words;

    Reference(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /** Returns the report of a run whose embeddings there is nothing to compare with. */
  public static CanaryReport nothingToCompare(String hardware) {
    return new CanaryReport(0, 0, 0, hardware, Reference.SAME_HARDWARE);
  }
}
