package io.simclrbeam.transforms.training;

import java.io.IOException;

/** Another job trains in a model folder. */
public final class FolderInUseException extends IOException {
  private static final long serialVersionUID = 1;

  FolderInUseException(String message) {
    super(message);
  }
}
