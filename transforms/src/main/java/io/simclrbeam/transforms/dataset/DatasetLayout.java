package io.simclrbeam.transforms.dataset;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where things are in an embedding data set: {@code DATASET/model=ID/run=NAME/FILE}. A run's name
 * begins with the time when the run began, so the names of a model's runs sort by age. Random
 * digits follow, so that no two runs have the same folder. A base is named after the newest run
 * that it replaces: {@code run=NAME-base-DIGITS}.
 */
public final class DatasetLayout {
  /** In the place of an id, a name or a file: all of them. */
  static final String ANY = "*";

  private static final Pattern PATH = Pattern.compile("(.*?)model=([^/]+)/run=([^/]+)/([^/]*)");
  private static final Pattern IN_A_RUN = Pattern.compile("run=([^/]+)/.*");
  private static final String BASE = "-base-";
  private static final String TIME = "yyyyMMdd'T'HHmmss'Z'";
  private static final int TIME_LENGTH = "20260102T030405Z".length();
  private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(TIME, Locale.ROOT);

  private DatasetLayout() {}

  /**
   * What a path says.
   *
   * @param dataset folder of the data set; ends in a slash, or is empty
   * @param model the model's id
   * @param run name of the run
   * @param file in the run's folder; empty for the folder itself
   */
  record Location(String dataset, String model, String run, String file) {}

  /** Returns what the path of a file in a run says; null if it is no such path. */
  static @Nullable Location parse(String path) {
    Matcher matcher = PATH.matcher(path.replace('\\', '/'));
    return matcher.matches()
        ? new Location(matcher.group(1), matcher.group(2), matcher.group(3), matcher.group(4))
        : null;
  }

  /** Returns the name of the run with a folder. */
  static String runIn(String folder) {
    Location location = parse(folder);
    if (location == null) {
      throw new IllegalArgumentException(folder + " is no folder of a run");
    }
    return location.run();
  }

  /**
   * Returns the name of the run that a file is in.
   *
   * @param name of the file, relative to the model's folder
   * @return null if the file is in no run
   */
  static @Nullable String runOf(String name) {
    Matcher matcher = IN_A_RUN.matcher(name);
    return matcher.matches() ? matcher.group(1) : null;
  }

  /** Returns the folder of a model; ends in a slash. */
  static String modelFolder(String dataset, String model) {
    String slash = dataset.isEmpty() || dataset.matches(".*[/\\\\]") ? "" : "/";
    return "%s%smodel=%s/".formatted(dataset, slash, model);
  }

  /** Returns the folder of a run; ends in a slash. */
  static String runFolder(String dataset, String model, String run) {
    return "%srun=%s/".formatted(modelFolder(dataset, model), run);
  }

  /** Returns the name of a run that begins at a time. */
  static String runName(Instant start) {
    return FORMAT.format(start.atOffset(ZoneOffset.UTC));
  }

  /**
   * Returns the name of a base that replaces a run and all before it. It is right after theirs and
   * before those of all later runs, so the newest record of an image is the same with and without
   * the base.
   */
  static String baseAfter(String runName) {
    return "%s%s%s".formatted(runName, BASE, UUID.randomUUID().toString().substring(0, 8));
  }

  /** Returns whether a name is that of a base. */
  static boolean isBase(String runName) {
    return runName.contains(BASE);
  }

  /** Returns whether a base holds just what readers saw right after a run. */
  static boolean isBaseAfter(String base, String runName) {
    return base.startsWith(runName + BASE);
  }

  /** Returns whether a run's name begins with a time. */
  static boolean hasTime(String runName) {
    return runName.matches("\\d{8}T\\d{6}Z.*");
  }

  /** Returns when a run began, as its name says. */
  public static Instant startOf(String runName) {
    String time = runName.substring(0, Math.min(TIME_LENGTH, runName.length()));
    return LocalDateTime.parse(time, FORMAT).toInstant(ZoneOffset.UTC);
  }
}
