package io.simclrbeam.transforms.rejects;

import io.simclrbeam.model.storage.FileStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;

/**
 * How many images a job rejected, by reason.
 *
 * @param counts by {@link io.simclrbeam.model.image.RejectReason#code}
 */
public record RejectSummary(Map<String, Long> counts) {
  /** Counts the records that {@link WriteRejects} left in a folder. */
  public static RejectSummary read(FileStore store, String job) throws IOException {
    Map<String, Long> counts = new TreeMap<>();
    for (String name : store.list("")) {
      if (name.matches("rejects-" + job + "-[^/]*\\.avro")) {
        try (InputStream in = store.open(name);
            DataFileStream<GenericRecord> records =
                new DataFileStream<>(in, new GenericDatumReader<>())) {
          records.forEach(record -> counts.merge(record.get("reason").toString(), 1L, Long::sum));
        }
      }
    }
    return new RejectSummary(counts);
  }

  /** Returns the number of rejects. */
  public long total() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Says how many and why, and in which folder the records are. */
  public String describe(FileStore store) {
    if (counts.isEmpty()) {
      return "none rejected";
    }
    String reasons =
        counts.entrySet().stream()
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(Collectors.joining(", "));
    return "%d rejected (%s), listed in %srejects-*.avro"
        .formatted(total(), reasons, store.location());
  }
}
