package io.simclrbeam.transforms.dedup;

/** Embeddings that cannot be compared, or are all too similar. */
public final class UnusableEmbeddingsException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UnusableEmbeddingsException(String message) {
    super(message);
  }
}
