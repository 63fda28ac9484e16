package io.simclrbeam.model.storage;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Thrown when a file is not what was written: it was cut short, overwritten or changed by hand. */
public final class DamagedFileException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * Says which file it is, why it cannot be used, and what to do.
   *
   * @param problem without a period, such as "it is empty"
   * @param cure one sentence or more
   */
  public DamagedFileException(String file, String problem, String cure, @Nullable Throwable cause) {
    super("%s is damaged: %s. %s".formatted(file, problem, cure), cause);
  }
}
