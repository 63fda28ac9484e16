package io.simclrbeam.transforms.dataset;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A moment in the life of a data set, as which it can be read: a time, or right after a run. What
 * readers saw then is there until the runs of then are vacuumed.
 *
 * @param time that runs were published by; null if there is a run
 * @param run name of the newest run; null if there is a time
 */
public record AsOf(@Nullable Instant time, @Nullable String run) implements Serializable {
  /** Checks that it is one of both. */
  public AsOf {
    if ((time == null) == (run == null)) {
      throw new IllegalArgumentException("a moment is either a time or right after a run");
    }
  }

  /**
   * Reads a time, such as {@code 2026-11-30T08:00:00Z}, or the name of a run, such as {@code
   * 20261130T080000Z-1a2b3c4d}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static AsOf parse(String text) {
    String name = text.startsWith("run=") ? text.substring("run=".length()) : text;
    if (DatasetLayout.hasTime(name) && name.indexOf('/') < 0) {
      return run(name);
    }
    try {
      return new AsOf(OffsetDateTime.parse(text).toInstant(), null);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "'%s' is neither a time with its zone, such as 2026-11-30T08:00:00Z, nor the name of a run, such as 20261130T080000Z-1a2b3c4d"
              .formatted(text),
          e);
    }
  }

  /** Returns the moment right after a run. */
  static AsOf run(String name) {
    return new AsOf(null, name);
  }

  /**
   * Lists the runs that readers saw, of all models, the newest first.
   *
   * @throws FileNotFoundException if there were none, or some are gone
   */
  List<DatasetRun> runs(String dataset) throws IOException {
    List<DatasetRun> runs = new ArrayList<>();
    Collection<String> models =
        DatasetRun.list(dataset).stream().map(DatasetRun::model).distinct().toList();
    for (String model : models) {
      if (run == null || names(dataset, model).contains(run)) {
        runs.addAll(runs(dataset, model));
      }
    }
    if (runs.isEmpty()) {
      throw new FileNotFoundException(
          run == null
              ? "no run in %s was published by %s".formatted(dataset, time)
              : "no published run in %s has the name %s; 'simclr show' lists them"
                  .formatted(dataset, run));
    }
    runs.sort(Comparator.comparing(DatasetRun::name).reversed());
    return List.copyOf(runs);
  }

  /**
   * Lists the runs of a model that readers saw, the newest first; there may be none.
   *
   * @throws FileNotFoundException if some are gone
   */
  List<DatasetRun> runs(String dataset, String model) throws IOException {
    NavigableSet<String> names = names(dataset, model);
    NavigableSet<String> seen =
        new TreeSet<>(run == null ? published(dataset, model) : names.headSet(run, true));
    if (seen.isEmpty()) {
      return List.of();
    }
    String newest = seen.last();
    Collection<String> upToNewest = new HashSet<>(names.headSet(newest, true));
    upToNewest.removeAll(seen);
    if (upToNewest.stream().allMatch(DatasetLayout::isBase)) {
      // Then a base that was made later holds the same.
      names.stream().filter(name -> DatasetLayout.isBaseAfter(name, newest)).forEach(seen::add);
    }
    Map<String, DatasetRun> there = new LinkedHashMap<>();
    DatasetRun.allOf(dataset, model).forEach(one -> there.put(one.name(), one));
    List<DatasetRun> runs = new ArrayList<>();
    for (String name : seen.descendingSet()) {
      @Nullable DatasetRun one = there.get(name);
      if (one == null) {
        throw new FileNotFoundException(
            "%s cannot be read as of %s, as its run %s is gone; it can be read as of run %s and later ones"
                .formatted(dataset, this, name, earliest(there.values())));
      }
      runs.add(one);
      if (one.isBase()) {
        break;
      }
    }
    return List.copyOf(runs);
  }

  /** Returns the names of all runs that are there or went into a base. */
  private static NavigableSet<String> names(String dataset, String model) throws IOException {
    NavigableSet<String> names = new TreeSet<>();
    boolean complete = false;
    for (DatasetRun one : DatasetRun.allOf(dataset, model)) {
      names.add(one.name());
      if (one.isBase() && !complete) { // the newest base has the runs of earlier ones too
        RunLineage.of(one).forEach(line -> names.add(line.run()));
        complete = true;
      }
    }
    return names;
  }

  private Collection<String> published(String dataset, String model) throws IOException {
    List<String> names = new ArrayList<>();
    for (RunLineage.Line line : RunLineage.ofModel(dataset, model)) {
      @Nullable String finished = line.manifest().finishedAt();
      Instant at = finished == null ? DatasetLayout.startOf(line.run()) : Instant.parse(finished);
      if (!at.isAfter(time)) {
        names.add(line.run());
      }
    }
    return names;
  }

  /** Returns the earliest run as of which all is there. */
  private static String earliest(Collection<DatasetRun> runs) {
    DatasetRun oldest = runs.stream().min(Comparator.comparing(DatasetRun::name)).orElseThrow();
    return runs.stream()
        .map(DatasetRun::name)
        .filter(DatasetLayout::isBase)
        .min(Comparator.naturalOrder())
        .orElse(oldest.name());
  }

  @Override
  public String toString() {
    return run != null ? "run " + run : String.valueOf(time);
  }
}
