package io.simclrbeam.pipelines.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Files of arguments, such as the settings of a nightly job: {@code @FILE} stands for the lines of
 * a file, one argument each. Blanks before an argument do not count, nor do empty lines and those
 * that begin with {@code #}.
 */
final class ArgumentFiles {
  /** Begins the name of a file. */
  static final String SIGN = "@";

  private ArgumentFiles() {}

  /**
   * Returns the arguments with those of files in their place. A file that cannot be read stays as
   * it is written. A file within itself has no arguments.
   */
  static String[] expand(String... arguments) {
    List<String> all = new ArrayList<>();
    for (String argument : arguments) {
      expand(argument, new HashSet<>(), all);
    }
    return all.toArray(String[]::new);
  }

  private static void expand(String argument, Set<String> within, List<String> all) {
    if (!argument.startsWith(SIGN)) {
      all.add(argument);
      return;
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(Path.of(argument.substring(SIGN.length())));
    } catch (IOException | RuntimeException e) {
      all.add(argument);
      return;
    }
    if (within.add(argument)) {
      for (String line : lines) {
        String inLine = line.stripLeading();
        if (!inLine.isEmpty() && !inLine.startsWith("#")) {
          expand(inLine, within, all);
        }
      }
      within.remove(argument);
    }
  }
}
