package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.jspecify.annotations.Nullable;

/**
 * Reads embedding data sets: files {@code model=ID/run=TIME/part-*.avro} or {@code part-*.parquet}
 * of records with {@code id}, {@code label} and {@code embedding}, into memory.
 */
public final class EmbeddingFiles {
  /** They are held in one array. */
  private static final int MOST_NUMBERS = Integer.MAX_VALUE - 8;

  private EmbeddingFiles() {}

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
    List<DatasetRun> runs = DatasetRun.list(folder);
    String model = runs.get(0).model();
    Map<String, Row> rows = new LinkedHashMap<>();
    for (DatasetRun run : runs) {
      if (run.model().equals(model)) {
        for (ResourceId file : run.parts()) {
          PartFile.read(
              file,
              record ->
                  rows.putIfAbsent(
                      record.get("id").toString(),
                      new Row(label(record), EmbeddingRecord.vector(record))));
        }
      }
    }
    List<String> otherModels =
        runs.stream()
            .map(DatasetRun::model)
            .filter(other -> !other.equals(model))
            .distinct()
            .toList();
    return new EmbeddingDataset(model, toEmbeddings(rows, folder), otherModels);
  }

  private static @Nullable String label(GenericRecord record) {
    Object label = record.get("label");
    return label == null ? null : label.toString();
  }

  private static LabeledEmbeddings toEmbeddings(Map<String, Row> rows, String folder)
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
    return LabeledEmbeddings.of(ids, labels, dimension, joined);
  }
}
