package io.simclrbeam.transforms.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * {@code model=ID/history.jsonl}: a line with counts, statistics and gates for each finished run of
 * a model, the oldest first, made to be plotted. It is made anew from the manifests every time, so
 * that no line is lost, whoever else is writing it.
 */
public final class RunHistory {
  private static final String NAME = "history.jsonl";
  private static final ObjectMapper JSON = new ObjectMapper();

  private RunHistory() {}

  /** Writes the file. */
  public static void write(String dataset, String modelId) throws IOException {
    List<DatasetRun> runs = new ArrayList<>(DatasetRun.listOf(dataset, modelId));
    Collections.reverse(runs);
    StringBuilder lines = new StringBuilder();
    for (DatasetRun run : runs) {
      RunManifest manifest = RunManifest.read(new BeamFileStore(run.folder()));
      ObjectNode line = JSON.createObjectNode();
      line.put("run", run.name());
      line.put("finished_at", manifest.finishedAt());
      line.set("counts", JSON.valueToTree(manifest.counts()));
      line.set("statistics", JSON.valueToTree(manifest.statistics()));
      ObjectNode gates = line.putObject("gates");
      for (RunManifest.Gate gate : manifest.gates()) {
        gates.putPOJO(gate.name(), gate.value());
      }
      lines.append(JSON.writeValueAsString(line)).append('\n');
    }
    byte[] bytes = lines.toString().getBytes(UTF_8);
    new BeamFileStore(RunSpec.modelFolder(dataset, modelId)).write(NAME, out -> out.write(bytes));
  }
}
