package io.simclrbeam.model.storage;

/** Thrown when a file has a format that only a newer version of this program can read. */
public final class NewerFormatException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NewerFormatException(String message) {
    super(message);
  }
}
