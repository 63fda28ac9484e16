package io.simclrbeam.transforms.index;

/** Thrown when a manifest is of other images than what it is to be filtered by. */
public final class ForeignManifestException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ForeignManifestException(String message) {
    super(message);
  }
}
