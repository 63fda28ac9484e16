package io.simclrbeam.pipelines.cli;

import io.simclrbeam.model.image.PictureFile;
import io.simclrbeam.transforms.storage.LocalPaths;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Turns the text of options into values and collects all that is wrong, so that the user hears of
 * everything at once. Where a text is wrong the value returned is some allowed one, for checks that
 * follow; it is never used.
 */
final class Checks {
  /** The smallest number above 0, as a lower limit: 0 itself is not allowed. */
  static final double ABOVE_ZERO = Double.MIN_VALUE;

  /** As an upper limit: any finite number is allowed. */
  static final double NO_LIMIT = Double.MAX_VALUE;

  /** Leaves a value to the program. */
  static final String AUTO = "auto";

  private final Set<String> problems = new LinkedHashSet<>();

  /** Takes note of a problem; what is already known is not said twice. */
  void problem(String message) {
    problems.add(message);
  }

  /** Returns the problems, in the order they were found. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /** Reads a text, which must not be blank. A missing one is left to the parser to report. */
  String text(String option, @Nullable String text) {
    if (text == null) {
      return "";
    }
    if (text.isBlank()) {
      problem(option + " is empty");
    }
    return text;
  }

  /** Reads the name of a folder that will be written to. */
  String outputFolder(String option, @Nullable String folder) {
    String name = text(option, folder);
    checkWritable(option, name, name);
    return name;
  }

  /** Reads the name of a folder that will be written to, unless it has the file that ends a job. */
  String outputFolder(String option, @Nullable String folder, String finished) {
    return folder != null
            && !folder.isBlank()
            && LocalPaths.isLocal(folder)
            && Files.exists(LocalPaths.of(folder).resolve(finished))
        ? folder
        : outputFolder(option, folder);
  }

  /** Reads the name of a file that will be written. */
  String outputFile(String option, @Nullable String file) {
    String name = text(option, file);
    checkWritable(option, name, name.substring(0, name.lastIndexOf('/') + 1));
    if (!name.isBlank() && LocalPaths.isLocal(name) && Files.isDirectory(LocalPaths.of(name))) {
      problem("%s=%s is a folder, but must be a file".formatted(option, name));
    }
    return name;
  }

  private void checkWritable(String option, String name, String folder) {
    if (!folder.isBlank() && LocalPaths.isLocal(folder)) {
      @Nullable String why = LocalPaths.whyNotWritable(folder);
      if (why != null) {
        problem("%s=%s cannot be written: %s".formatted(option, name, why));
      }
    }
  }

  /** Reads texts, none of which may be blank. */
  List<String> texts(String option, List<String> texts) {
    texts.forEach(text -> text(option, text));
    return List.copyOf(texts);
  }

  /** Reads one of several words. */
  String choice(String option, String text, List<String> allowed) {
    if (!allowed.contains(text)) {
      wrong(option, text, oneOf(allowed));
      return allowed.get(0);
    }
    return text;
  }

  /** Reads the name of one of several values. */
  <T> T choice(String option, String text, T[] values, Function<T, String> name) {
    List<String> names = Arrays.stream(values).map(name).toList();
    return values[names.indexOf(choice(option, text, names))];
  }

  /** Reads one of several words, or {@code auto} as null. */
  @Nullable String choiceOrAuto(String option, String text, List<String> allowed) {
    List<String> withAuto = new ArrayList<>(List.of(AUTO));
    withAuto.addAll(allowed);
    String choice = choice(option, text, withAuto);
    return choice.equals(AUTO) ? null : choice;
  }

  /** Reads {@code true} or {@code false}, or {@code auto} as null. */
  @Nullable Boolean booleanOrAuto(String option, String text) {
    @Nullable String choice = choiceOrAuto(option, text, List.of("true", "false"));
    return choice == null ? null : Boolean.valueOf(choice);
  }

  /** Reads a whole number between two limits that it may reach. */
  long wholeNumber(String option, String text, long min, long max) {
    return wholeNumber(option, text, min, max, "");
  }

  /** Reads a whole number between two limits that it may reach, or {@code auto} as null. */
  @Nullable Long wholeNumberOrAuto(String option, String text, long min, long max) {
    return text.equals(AUTO) ? null : wholeNumber(option, text, min, max, "auto, or ");
  }

  private long wholeNumber(String option, String text, long min, long max, String or) {
    try {
      long value = Long.parseLong(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below, as a number out of range is.
    }
    String range =
        min == Long.MIN_VALUE
            ? ""
            : max == Long.MAX_VALUE ? " of at least " + min : " from %d to %d".formatted(min, max);
    wrong(option, text, or + "a whole number" + range);
    return Math.max(0, min);
  }

  /** Reads a number between two limits that it may reach. */
  double number(String option, String text, double min, double max) {
    return number(option, text, min, max, "");
  }

  /** Reads a number between two limits that it may reach, or {@code auto} as null. */
  @Nullable Double numberOrAuto(String option, String text, double min, double max) {
    return text.equals(AUTO) ? null : number(option, text, min, max, "auto, or ");
  }

  /** Reads a number as before; {@code or} says what else is allowed. */
  double number(String option, String text, double min, double max, String or) {
    try {
      double value = Double.parseDouble(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below, as a number out of range is.
    }
    String range =
        max != NO_LIMIT
            ? "from %s to %s".formatted(plain(min), plain(max))
            : min == ABOVE_ZERO ? "above 0" : "of at least " + plain(min);
    wrong(option, text, or + "a number " + range);
    return min;
  }

  /**
   * Two numbers.
   *
   * @param min above 0
   * @param max at least min
   */
  record Range(double min, double max) {}

  /** Reads the least and the largest value of something that is above 0. */
  Range range(String option, String text, double largest) {
    String[] parts = text.split(",", -1);
    if (parts.length == 2) {
      try {
        Range range = new Range(Double.parseDouble(parts[0]), Double.parseDouble(parts[1]));
        if (range.min > 0 && range.min <= range.max && range.max <= largest) {
          return range;
        }
      } catch (NumberFormatException e) {
        // Reported below, as numbers out of range are.
      }
    }
    wrong(option, text, "two numbers MIN,MAX with 0 < MIN <= MAX <= %s".formatted(plain(largest)));
    return new Range(largest, largest);
  }

  /** Reads parts of a whole, each different, with commas between them. */
  List<Double> fractions(String option, String text) {
    List<Double> fractions = new ArrayList<>();
    try {
      for (String part : text.split(",", -1)) {
        fractions.add(Double.parseDouble(part));
      }
    } catch (NumberFormatException e) {
      fractions.add(Double.NaN); // reported below
    }
    if (!fractions.stream().allMatch(part -> part > 0 && part < 1)
        || new HashSet<>(fractions).size() < fractions.size()) {
      wrong(option, text, "different numbers between 0 and 1, such as 0.01,0.1");
      return List.of();
    }
    return fractions;
  }

  /** Reads anything that a parser understands; its exception's message says why it does not. */
  <T> T parsed(String option, String text, Function<String, T> parser, T otherwise) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      problem("%s: %s".formatted(option, e.getMessage()));
      return otherwise;
    }
  }

  /** Reads the name of a file that a picture is written to. */
  String picture(String option, @Nullable String text) {
    String name = outputFile(option, text);
    return text == null
        ? name
        : parsed(
            option,
            name,
            file -> {
              PictureFile.of(file);
              return file;
            },
            name);
  }

  /** Takes note of a value that is not allowed. */
  void wrong(String option, String text, String allowed) {
    problem("%s is '%s', but must be %s".formatted(option, text, allowed));
  }

  private static String oneOf(List<String> words) {
    int last = words.size() - 1;
    return last == 0
        ? words.get(0)
        : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
