package io.simclrbeam.pipelines.runner;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A command as a service describes it to people who start it there.
 *
 * @param name for people
 * @param help what it does
 * @param options that it takes
 */
public record CommandDescription(String name, String help, List<Option> options) {
  /**
   * An option of the command.
   *
   * @param name without dashes
   * @param label for people
   * @param help what it is for
   * @param required whether it must be given
   * @param defaultValue if it is not given; null if there is none
   */
  public record Option(
      String name, String label, String help, boolean required, @Nullable String defaultValue) {}
}
