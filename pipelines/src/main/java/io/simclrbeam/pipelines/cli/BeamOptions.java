package io.simclrbeam.pipelines.cli;

import java.beans.Introspector;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.sdk.options.PipelineOptionsFactory;

/** The options of Beam, of its runners and of its file systems, as far as they are on the path. */
final class BeamOptions {
  private static final Pattern GETTER = Pattern.compile("(?:get|is)([A-Z].*)");

  private BeamOptions() {}

  /** Returns their names, as {@code --name}, sorted. */
  static Set<String> names() {
    Set<String> names = new TreeSet<>();
    for (Class<?> options : PipelineOptionsFactory.getRegisteredOptions()) {
      for (Method method : options.getMethods()) {
        Matcher getter = GETTER.matcher(method.getName());
        if (getter.matches() && method.getParameterCount() == 0) {
          names.add("--" + Introspector.decapitalize(getter.group(1)));
        }
      }
    }
    return names;
  }

  /**
   * Returns why Beam does not accept an argument, if so.
   *
   * @param argument as {@code --name=value}, with a name that Beam has
   */
  static Optional<String> rejection(String argument) {
    try {
      PipelineOptionsFactory.fromArgs(argument).create();
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(String.valueOf(e.getMessage()).lines().findFirst().orElse("not accepted"));
    }
  }
}
