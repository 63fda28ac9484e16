package io.simclrbeam.transforms.embedding;

import io.simclrbeam.model.evaluate.Embeddings;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.jspecify.annotations.Nullable;

/**
 * Reads embedding data sets: files {@code model=ID/run=TIME/part-*.avro} of records with {@code
 * id}, {@code label} and {@code embedding}. A run without the file {@code _SUCCESS} is unfinished
 * and not read.
 */
public final class EmbeddingFiles {
  private static final String SUCCESS = "_SUCCESS";

  /** They are held in one array. */
  private static final int MOST_NUMBERS = Integer.MAX_VALUE - 8;

  private static final Pattern RUN =
      Pattern.compile("model=([^/\\\\]+)[/\\\\]run=([^/\\\\]+)[/\\\\]" + SUCCESS + "$");

  private EmbeddingFiles() {}

  /** A finished run. Names are times, so they sort by age. */
  private record Run(String model, String name, ResourceId folder) {}

  /** An image; one without vector was deleted. */
  private record Row(@Nullable String label, float @Nullable [] vector) {}

  /**
   * Reads the current view of a data set: of several models the one with the newest run, of several
   * records of an image the one of the newest run, and no image that this record marks as deleted.
   *
   * @throws FileNotFoundException if there is no finished run, or no image in it
   * @throws IllegalArgumentException if embeddings differ in size or are not finite, or are too
   *     many
   * @throws IOException if a file cannot be read or is no such file
   */
  public static EmbeddingDataset read(String folder) throws IOException {
    List<Run> runs = finishedRuns(folder);
    String model = runs.get(0).model();
    Map<String, Row> rows = new LinkedHashMap<>();
    for (Run run : runs) {
      if (run.model().equals(model)) {
        for (ResourceId file : match(run.folder() + "part-*.avro")) {
          read(file, rows);
        }
      }
    }
    List<String> otherModels =
        runs.stream().map(Run::model).filter(other -> !other.equals(model)).distinct().toList();
    return new EmbeddingDataset(model, toEmbeddings(rows, folder), otherModels);
  }

  /** Returns at least one run, the newest first. */
  private static List<Run> finishedRuns(String folder) throws IOException {
    String root = folder.endsWith("/") ? folder : folder + "/";
    List<Run> runs = new ArrayList<>();
    for (ResourceId file : match(root + "model=*/run=*/" + SUCCESS)) {
      Matcher matcher = RUN.matcher(file.toString());
      if (matcher.find()) {
        runs.add(new Run(matcher.group(1), matcher.group(2), file.getCurrentDirectory()));
      }
    }
    if (runs.isEmpty()) {
      boolean unfinished = !match(root + "model=*/run=*/*").isEmpty();
      throw new FileNotFoundException(
          unfinished
              ? "no run in %s is finished; wait for embed, or run it again if it failed"
                  .formatted(folder)
              : "there is no embedding data set in %s; embed makes one".formatted(folder));
    }
    runs.sort(Comparator.comparing(Run::name).thenComparing(Run::model).reversed());
    return runs;
  }

  /** Adds the rows of a file, where there is no newer one. */
  private static void read(ResourceId file, Map<String, Row> rows) throws IOException {
    try (DataFileStream<GenericRecord> records =
        new DataFileStream<>(
            Channels.newInputStream(FileSystems.open(file)), new GenericDatumReader<>())) {
      while (records.hasNext()) {
        GenericRecord record = records.next();
        Object label = record.get("label");
        rows.putIfAbsent(
            record.get("id").toString(),
            new Row(label == null ? null : label.toString(), vector(record, file)));
      }
    }
  }

  private static float @Nullable [] vector(GenericRecord record, ResourceId file)
      throws IOException {
    Object value = record.get("embedding");
    if (value == null) {
      return null;
    }
    if (!(value instanceof List<?> numbers)) {
      throw new IOException(
          "the embedding of %s in %s is not an array of float".formatted(record.get("id"), file));
    }
    float[] vector = new float[numbers.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (Float) numbers.get(i);
    }
    return vector;
  }

  private static Embeddings toEmbeddings(Map<String, Row> rows, String folder)
      throws FileNotFoundException {
    List<String> ids = new ArrayList<>();
    List<@Nullable String> labels = new ArrayList<>();
    List<float[]> vectors = new ArrayList<>();
    rows.forEach(
        (id, row) -> {
          float[] vector = row.vector();
          if (vector != null) {
            ids.add(id);
            labels.add(row.label());
            vectors.add(vector);
          }
        });
    if (ids.isEmpty()) {
      throw new FileNotFoundException("the finished runs in %s hold no images".formatted(folder));
    }
    int dimension = vectors.get(0).length;
    if ((long) dimension * ids.size() > MOST_NUMBERS) {
      throw new IllegalArgumentException(
          "%s holds %,d embeddings of %,d numbers, but at most %,d numbers are read"
              .formatted(folder, ids.size(), dimension, MOST_NUMBERS));
    }
    float[] joined = new float[dimension * ids.size()];
    for (int i = 0; i < vectors.size(); i++) {
      if (vectors.get(i).length != dimension) {
        throw new IllegalArgumentException(
            "the embeddings of %s and %s in %s have %d and %d numbers, but must have equally many"
                .formatted(ids.get(0), ids.get(i), folder, dimension, vectors.get(i).length));
      }
      System.arraycopy(vectors.get(i), 0, joined, i * dimension, dimension);
    }
    return Embeddings.of(ids, labels, dimension, joined);
  }

  private static List<ResourceId> match(String spec) throws IOException {
    try {
      return FileSystems.match(spec, EmptyMatchTreatment.ALLOW).metadata().stream()
          .map(MatchResult.Metadata::resourceId)
          .sorted(Comparator.comparing(ResourceId::toString))
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }
}
