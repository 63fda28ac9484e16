package io.simclrbeam.transforms.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code model=ID/history.jsonl}: a line with counts, statistics and gates for each finished run of
 * a model, the oldest first, for plots. The file is written anew from the manifests every time, so
 * that no line is lost when several processes write it.
 */
public final class RunHistory {
  private static final String NAME = "history.jsonl";

  private RunHistory() {}

  private record Line(
      String run,
      @Nullable String finishedAt,
      RunManifest.Counts counts,
      RunManifest.@Nullable Statistics statistics,
      Map<String, @Nullable Double> gates) {}

  /** Writes the file. */
  public static void write(String dataset, String modelId) throws IOException {
    List<DatasetRun> runs = new ArrayList<>(DatasetRun.listOf(dataset, modelId));
    Collections.reverse(runs);
    StringBuilder lines = new StringBuilder();
    for (DatasetRun run : runs) {
      RunManifest manifest = RunManifest.read(new BeamFileStore(run.folder()));
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
    new BeamFileStore(DatasetLayout.modelFolder(dataset, modelId))
        .write(NAME, out -> out.write(bytes));
  }
}
