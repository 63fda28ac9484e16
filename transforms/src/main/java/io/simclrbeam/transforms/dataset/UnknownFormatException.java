package io.simclrbeam.transforms.dataset;

import java.io.IOException;

/** Thrown when a part file is of a format that is not on the class path. */
public final class UnknownFormatException extends IOException {
  private static final long serialVersionUID = 1;

  UnknownFormatException(String message) {
    super(message);
  }
}
