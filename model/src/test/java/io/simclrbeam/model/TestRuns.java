package io.simclrbeam.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Runs of embedding data sets that tests of several modules write by hand. */
public final class TestRuns {
  private TestRuns() {}

  /** Writes the manifest of the parts that are in a run's folder, and {@code _SUCCESS}. */
  public static Path publish(Path run) throws IOException {
    List<Path> parts;
    try (Stream<Path> files = Files.list(run)) {
      parts = files.filter(file -> file.getFileName().toString().startsWith("part-")).toList();
    }
    StringBuilder listed = new StringBuilder();
    for (Path part : parts) {
      listed.append(
          """
          %s{"name": "%s", "records": 1, "sha256": "", "bytes": %d}"""
              .formatted(listed.isEmpty() ? "" : ", ", part.getFileName(), Files.size(part)));
    }
    Files.writeString(
        run.resolve("_MANIFEST.json"),
        """
        {"format_version": 1, "model_id": "m", "input_digest": "", "schema": "", "dimension": 1,
         "counts": {"input": 0, "embedded": 0, "skipped": 0, "rejected": 0, "deleted": 0},
         "files": [%s]}
        """
            .formatted(listed));
    return Files.write(run.resolve("_SUCCESS"), new byte[0]);
  }
}
