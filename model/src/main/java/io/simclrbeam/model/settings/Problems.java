package io.simclrbeam.model.settings;

import com.google.errorprone.annotations.FormatMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Collects what is wrong with settings, so that one exception says all of it.
 *
 * <pre>{@code
 * new Problems()
 *     .unless(momentum >= 0, "momentum must be at least 0, but is %s", momentum)
 *     .unless(decay >= 0, "weight decay must be at least 0, but is %s", decay)
 *     .check();
 * }</pre>
 */
public final class Problems {
  private final List<String> found = new ArrayList<>();

  /** Adds a problem, formatted as by {@link String#format}, unless a condition holds. */
  @FormatMethod
  public Problems unless(boolean condition, String format, Object... arguments) {
    if (!condition) {
      found.add(String.format(format, arguments));
    }
    return this;
  }

  /** Adds a problem if there is one. */
  public Problems add(Optional<String> problem) {
    problem.ifPresent(found::add);
    return this;
  }

  /**
   * Ends the check.
   *
   * @throws IllegalArgumentException if there is a problem, with all of them
   */
  public void check() {
    if (!found.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", found));
    }
  }
}
