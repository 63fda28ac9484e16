package io.simclrbeam.transforms.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code _lineage.jsonl} of a base: a line for each run whose records went into it, directly or by
 * way of an earlier base, the oldest first. It says what the run's manifest said, but for its
 * files. A record's {@code embedded_at} is the {@code started_at} of the run that made its vector.
 */
final class RunLineage {
  /** Its name. */
  static final String NAME = "_lineage.jsonl";

  private static final String CURE =
      "Restore it from a backup. If the runs that the base replaces are still there, its folder can be deleted instead, and compact makes another.";

  private RunLineage() {}

  /**
   * A run that went into a base.
   *
   * @param run its name
   * @param manifest without files
   */
  record Line(String run, RunManifest manifest) {}

  /** Returns whether a name is that of the file. */
  static boolean isName(String name) {
    return name.equals(NAME);
  }

  /**
   * Writes the lineage of a base.
   *
   * @param merged runs that it replaces directly
   * @return the file's path
   */
  static String write(FileStore base, List<DatasetRun> merged) throws IOException {
    List<Line> lines = new ArrayList<>();
    for (DatasetRun run : merged) {
      lines.addAll(of(run));
      lines.add(new Line(run.name(), run.manifest().withoutFiles()));
    }
    lines.sort(Comparator.comparing(Line::run));
    base.write(
        NAME,
        out -> {
          for (Line line : lines) {
            out.write(Json.MAPPER.writeValueAsBytes(Json.withVersion(FileKind.RUN_LINEAGE, line)));
            out.write('\n');
          }
        });
    return base.location() + NAME;
  }

  /** Counts the lines in the file of a base. */
  static long count(FileStore base) throws IOException {
    return read(base).size();
  }

  /** Returns the lines of a run; none if it is not a base. */
  static List<Line> of(DatasetRun run) throws IOException {
    return run.isBase() ? read(new BeamFileStore(run.folder())) : List.of();
  }

  /**
   * Returns the runs of a model that were ever published, as far as is known, the oldest first:
   * those that are there, and those that went into a base.
   */
  static List<Line> ofModel(String dataset, String model) throws IOException {
    Map<String, Line> lines = new LinkedHashMap<>();
    for (DatasetRun run : DatasetRun.allOf(dataset, model)) {
      if (!lines.containsKey(run.name())) { // else the newest base has it
        RunManifest manifest = RunManifest.read(new BeamFileStore(run.folder()));
        lines.put(run.name(), new Line(run.name(), manifest.withoutFiles()));
        of(run).forEach(line -> lines.putIfAbsent(line.run, line));
      }
    }
    return lines.values().stream().sorted(Comparator.comparing(Line::run)).toList();
  }

  private static List<Line> read(FileStore base) throws IOException {
    List<Line> lines = new ArrayList<>();
    String path = base.location() + NAME;
    try (BufferedReader in = new BufferedReader(new InputStreamReader(base.open(NAME), UTF_8))) {
      for (@Nullable String text = in.readLine(); text != null; text = in.readLine()) {
        InputStream bytes = new ByteArrayInputStream(text.getBytes(UTF_8));
        lines.add(
            Json.read(
                FileKind.RUN_LINEAGE,
                bytes,
                "%s, line %d,".formatted(path, lines.size() + 1),
                CURE,
                json -> Json.MAPPER.treeToValue(json, Line.class)));
      }
    }
    return List.copyOf(lines);
  }
}
