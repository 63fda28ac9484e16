package io.simclrbeam.transforms.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code model=ID/_history.jsonl}: a line with counts, statistics and gates for each finished run
 * of a model, the oldest first, for plots. Every time the file is written anew as a whole, and gets
 * a line for each run that it has none of. So no line is lost when several processes write it. A
 * base is no run of images, so it has no line. The runs that it replaces keep theirs when their
 * folders are gone, as their manifests are in its lineage.
 */
public final class RunHistory {
  private static final Logger LOG = LoggerFactory.getLogger(RunHistory.class);
  private static final String NAME = "_history.jsonl";

  /** What earlier versions called it. It would be out of date. */
  private static final String OLD_NAME = "history.jsonl";

  private RunHistory() {}

  private record Line(
      String run,
      @Nullable String finishedAt,
      RunManifest.Counts counts,
      RunManifest.@Nullable Statistics statistics,
      Map<String, @Nullable Double> gates) {}

  /** Writes the file. A run counts without it, so this only warns if it cannot be written. */
  public static void update(String dataset, String modelId) {
    try {
      write(dataset, modelId);
    } catch (IOException | RuntimeException e) {
      LOG.warn(
          "{}{} is not up to date, as it could not be written. The next run writes it anew.",
          DatasetLayout.modelFolder(dataset, modelId),
          NAME,
          e);
    }
  }

  private static void write(String dataset, String modelId) throws IOException {
    BeamFileStore folder = new BeamFileStore(DatasetLayout.modelFolder(dataset, modelId));
    Map<String, String> written = written(folder);
    Map<String, String> lines = new TreeMap<>();
    List<RunLineage.Line> merged = List.of();
    for (DatasetRun run : DatasetRun.allOf(dataset, modelId)) {
      if (run.isBase()) {
        if (merged.isEmpty()) { // that of the newest base, which has all
          merged = RunLineage.of(run);
        }
      } else {
        @Nullable String known = written.get(run.name());
        @Nullable String line = known == null ? line(run) : known;
        if (line != null) {
          lines.put(run.name(), line);
        }
      }
    }
    for (RunLineage.Line run : merged) {
      if (!DatasetLayout.isBase(run.run()) && !lines.containsKey(run.run())) {
        @Nullable String known = written.get(run.run());
        lines.put(run.run(), known == null ? line(run.run(), run.manifest()) : known);
      }
    }
    StringBuilder text = new StringBuilder();
    lines.values().forEach(line -> text.append(line).append('\n'));
    byte[] bytes = text.toString().getBytes(UTF_8);
    folder.write(NAME, out -> out.write(bytes));
    if (folder.exists(OLD_NAME)) {
      folder.delete(List.of(OLD_NAME));
    }
  }

  /**
   * Returns the lines that are there by run, so that the manifests of most runs need no reading.
   */
  private static Map<String, String> written(BeamFileStore folder) throws IOException {
    Map<String, String> lines = new HashMap<>();
    if (!folder.exists(NAME)) {
      return lines;
    }
    try (InputStream in = folder.open(NAME)) {
      for (String line : new String(in.readAllBytes(), UTF_8).lines().toList()) {
        JsonNode json = Json.MAPPER.readTree(line);
        if (json.path(FileKind.FIELD).asInt() == FileKind.RUN_HISTORY.version()) {
          lines.put(json.path("run").asText(), line);
        }
      }
    } catch (JsonProcessingException e) {
      return new HashMap<>(); // damaged, and so written anew as a whole
    }
    return lines;
  }

  private static @Nullable String line(DatasetRun run) throws IOException {
    try {
      return line(run.name(), RunManifest.read(new BeamFileStore(run.folder())));
    } catch (FileNotFoundException e) {
      LOG.warn("{} has no {}, so it has no line in {}.", run.folder(), RunManifest.NAME, NAME);
      return null;
    }
  }

  private static String line(String run, RunManifest manifest) throws JsonProcessingException {
    Map<String, @Nullable Double> gates = new LinkedHashMap<>();
    manifest.gates().forEach(gate -> gates.put(gate.name(), gate.value()));
    Line line =
        new Line(run, manifest.finishedAt(), manifest.counts(), manifest.statistics(), gates);
    return Json.MAPPER.writeValueAsString(Json.withVersion(FileKind.RUN_HISTORY, line));
  }
}
