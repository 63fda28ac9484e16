package io.simclrbeam.transforms.dataset;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a finished run is not what was written: a file is missing, cut off or overwritten.
 */
public final class DamagedDatasetException extends IOException {
  private static final long serialVersionUID = 1;

  private static final String CURE =
      ". Restore it from a backup, or delete the run's folder and embed its images again.";

  /** Says what to do, after a message that ends without a period. */
  DamagedDatasetException(String message, @Nullable Throwable cause) {
    super(message + CURE, cause);
  }
}
