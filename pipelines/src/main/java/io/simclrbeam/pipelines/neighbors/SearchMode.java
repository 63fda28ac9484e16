package io.simclrbeam.pipelines.neighbors;

/** How images are searched. */
public enum SearchMode {
  /** Exactly up to a million images, through a graph above. */
  AUTO,
  /** By comparing with every image. */
  EXACT,
  /** Through a graph of near images, which may miss some. */
  HNSW
}
