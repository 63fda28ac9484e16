package io.simclrbeam.model.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Json;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;

/** {@code metrics.jsonl} in a model folder: one JSON object a line, in the order of steps. */
public final class MetricsFile {
  private static final String NAME = "metrics.jsonl";
  private static final String CURE =
      "Delete the line. Only the curves lack it then; the weights do not depend on it.";

  private MetricsFile() {}

  /**
   * Reads the lines up to a step; later ones stem from work that a crash undid.
   *
   * @throws io.simclrbeam.model.storage.DamagedFileException if a line is not what was written
   */
  public static List<MetricsLine> read(FileStore store, long lastStep) throws IOException {
    List<MetricsLine> lines = new ArrayList<>();
    int number = 0;
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(store.open(NAME), UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        MetricsLine metrics =
            Json.read(
                new ByteArrayInputStream(line.getBytes(UTF_8)),
                "Line %d of %s%s".formatted(number, store.location(), NAME),
                CURE,
                json -> Json.MAPPER.treeToValue(json, MetricsLine.class));
        if (metrics.step() <= lastStep) {
          lines.add(metrics);
        }
      }
    } catch (FileNotFoundException e) {
      return lines;
    }
    return lines;
  }

  /** Replaces the file. */
  public static void write(FileStore store, List<MetricsLine> lines) throws IOException {
    StringBuilder text = new StringBuilder();
    for (MetricsLine line : lines) {
      text.append(Json.MAPPER.writeValueAsString(line)).append('\n');
    }
    store.write(NAME, out -> out.write(text.toString().getBytes(UTF_8)));
  }
}
