package io.simclrbeam.transforms.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code model=ID/_history.jsonl}: a line with counts, statistics and gates for each finished run
 * of a model, the oldest first, for plots. The file is written anew from the manifests every time,
 * so that no line is lost when several processes write it.
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
    List<DatasetRun> runs = new ArrayList<>(DatasetRun.listOf(dataset, modelId));
    Collections.reverse(runs);
    StringBuilder lines = new StringBuilder();
    for (DatasetRun run : runs) {
      RunManifest manifest;
      try {
        manifest = RunManifest.read(new BeamFileStore(run.folder()));
      } catch (FileNotFoundException e) {
        LOG.warn("{} has no {}, so it has no line in {}.", run.folder(), RunManifest.NAME, NAME);
        continue;
      }
      Map<String, @Nullable Double> gates = new LinkedHashMap<>();
      manifest.gates().forEach(gate -> gates.put(gate.name(), gate.value()));
      Line line =
          new Line(
              run.name(), manifest.finishedAt(), manifest.counts(), manifest.statistics(), gates);
      lines
          .append(Json.MAPPER.writeValueAsString(Json.withVersion(FileKind.RUN_HISTORY, line)))
          .append('\n');
    }
    byte[] bytes = lines.toString().getBytes(UTF_8);
    BeamFileStore folder = new BeamFileStore(DatasetLayout.modelFolder(dataset, modelId));
    folder.write(NAME, out -> out.write(bytes));
    if (folder.exists(OLD_NAME)) {
      folder.delete(List.of(OLD_NAME));
    }
  }
}
