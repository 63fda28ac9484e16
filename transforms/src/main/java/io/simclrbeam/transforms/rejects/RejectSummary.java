package io.simclrbeam.transforms.rejects;

import io.simclrbeam.model.storage.FileStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;

/**
 * How many images jobs rejected, by reason.
 *
 * @param reasons by {@link io.simclrbeam.model.image.RejectReason#code}
 */
public record RejectSummary(SortedMap<String, Reason> reasons) {
  private static final int MAX_CHARACTERS = 120;

  /**
   * The images rejected for one reason.
   *
   * @param images how many
   * @param id of the first of them in alphabetical order
   * @param detail about that one
   * @param known how many of them an earlier run found out, and this one did not read again
   */
  public record Reason(long images, String id, String detail, long known) {
    private Reason plus(Reason other) {
      boolean first = id.compareTo(other.id) <= 0;
      return new Reason(
          images + other.images,
          first ? id : other.id,
          first ? detail : other.detail,
          known + other.known);
    }
  }

  /**
   * Counts the records that some jobs' {@code rejects-JOB-*.avro} or {@code _rejects-JOB-*.avro} in
   * a folder hold.
   */
  public static RejectSummary read(FileStore folder, String... jobs) throws IOException {
    String names = "_?rejects-(%s)-[^/]*\\.avro".formatted(String.join("|", jobs));
    return readFiles(folder, folder.list("").stream().filter(name -> name.matches(names)).toList());
  }

  /** Counts the records that files in a folder hold. */
  public static RejectSummary readFiles(FileStore folder, List<String> names) throws IOException {
    SortedMap<String, Reason> reasons = new TreeMap<>();
    for (String name : names) {
      try (InputStream in = folder.open(name);
          DataFileStream<GenericRecord> records =
              new DataFileStream<>(in, new GenericDatumReader<>())) {
        records.forEach(
            record ->
                reasons.merge(
                    record.get("reason").toString(),
                    new Reason(
                        1,
                        record.get("id").toString(),
                        record.get("detail").toString(),
                        Reject.isKnown(record) ? 1 : 0),
                    Reason::plus));
      }
    }
    return new RejectSummary(reasons);
  }

  /** Returns the number of rejects. */
  public long total() {
    return reasons.values().stream().mapToLong(Reason::images).sum();
  }

  /** Says how many and why. */
  public String describe() {
    return reasons.isEmpty()
        ? "none rejected"
        : "%,d rejected (%s)%s"
            .formatted(
                total(),
                reasons.entrySet().stream()
                    .map(reason -> reason.getValue().images + " " + reason.getKey())
                    .collect(Collectors.joining(", ")),
                known() == 0 ? "" : ", of which %,d known and not read again".formatted(known()));
  }

  /** Returns the number of rejects that an earlier run found, and this one did not read again. */
  public long known() {
    return reasons.values().stream().mapToLong(Reason::known).sum();
  }

  /** Returns a table of reasons with an example of each, and where the records are. */
  public String table(FileStore folder) {
    StringBuilder table = new StringBuilder();
    table.append(
        "%,d rejected, all listed in %s*rejects-*.avro:".formatted(total(), folder.location()));
    for (Map.Entry<String, Reason> reason : reasons.entrySet()) {
      Reason found = reason.getValue();
      String subject = found.id.isEmpty() ? "" : found.id + ": "; // empty for a whole input
      String example = (subject + found.detail).replaceAll("\\s+", " ");
      table.append(
          "%n  %-20s %,10d   such as %s"
              .formatted(
                  reason.getKey(),
                  found.images,
                  example.length() <= MAX_CHARACTERS
                      ? example
                      : example.substring(0, MAX_CHARACTERS - 3) + "..."));
    }
    return table.toString();
  }
}
