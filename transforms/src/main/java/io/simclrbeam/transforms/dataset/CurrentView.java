package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What readers of a data set see: for each image the record of the newest finished run of one
 * model, and nothing if that record marks the image as deleted. Read in this process; {@link
 * ReadCurrentView} does the same as a transform.
 *
 * <p>Reading needs memory for the ids in all runs but the oldest, because they replace what older
 * runs say of the same images. That is little with one run, or with one large run and small ones
 * after it.
 */
public final class CurrentView {
  /** Embeddings in memory are one array. */
  private static final int MOST_NUMBERS = Integer.MAX_VALUE - 8;

  private final String dataset;
  private final String model;
  private final List<DatasetRun> runs;
  private final List<String> otherModels;

  private CurrentView(
      String dataset, String model, List<DatasetRun> runs, List<String> otherModels) {
    this.dataset = dataset;
    this.model = model;
    this.runs = runs;
    this.otherModels = otherModels;
  }

  /** Takes embeddings, one after the other. */
  @FunctionalInterface
  public interface Sink {
    /** Takes an embedding. */
    void accept(Embedding embedding) throws IOException;
  }

  /**
   * Returns the view of the newest run's model.
   *
   * @throws FileNotFoundException if there is no finished run
   */
  public static CurrentView of(String dataset) throws IOException {
    return of(dataset, null, null);
  }

  /**
   * Returns the view of a model. It may be empty.
   *
   * @throws FileNotFoundException if there is no finished run of any model
   */
  public static CurrentView of(String dataset, String model) throws IOException {
    return of(dataset, model, null);
  }

  /**
   * Returns the view of a model, as it is or as it was. It may be empty.
   *
   * @param model the model's id; null for that of the newest run
   * @param asOf when it is read as of; null for now
   * @throws FileNotFoundException if there is no finished run of any model, or runs of then are
   *     gone
   */
  public static CurrentView of(String dataset, @Nullable String model, @Nullable AsOf asOf)
      throws IOException {
    List<DatasetRun> all = asOf == null ? DatasetRun.list(dataset) : asOf.runs(dataset);
    String chosen = model == null ? all.get(0).model() : model;
    return new CurrentView(
        dataset,
        chosen,
        all.stream().filter(run -> run.model().equals(chosen)).toList(),
        all.stream().map(DatasetRun::model).filter(m -> !m.equals(chosen)).distinct().toList());
  }

  /**
   * Returns the view as it is right after a run, whether or not that run is published.
   *
   * @throws FileNotFoundException if runs before it are gone
   */
  public static CurrentView after(RunFolder run) throws IOException {
    List<DatasetRun> runs = new ArrayList<>();
    DatasetRun last = new DatasetRun(run.model(), run.name(), run.store().location());
    runs.add(last);
    if (!last.isBase()) {
      for (DatasetRun other : AsOf.run(run.name()).runs(run.dataset(), run.model())) {
        if (other.name().compareTo(run.name()) < 0) {
          runs.add(other);
        }
      }
    }
    return new CurrentView(run.dataset(), run.model(), runs, List.of());
  }

  /** Returns the model's id. */
  public String model() {
    return model;
  }

  /** Returns the finished runs of the model, the newest first. */
  public List<DatasetRun> runs() {
    return runs;
  }

  /** Returns the ids of the other models that the data set has embeddings of. */
  public List<String> otherModels() {
    return otherModels;
  }

  /** Returns an upper bound of the number of images, from the manifests of the runs. */
  public long mostImages() throws IOException {
    long images = 0;
    for (DatasetRun run : runs) {
      images += RunManifest.read(new BeamFileStore(run.folder())).counts().embedded();
    }
    return images;
  }

  /** Returns a digest of the names of the runs. While it stays the same, so does the view. */
  public String fingerprint() {
    StringBuilder names = new StringBuilder(model);
    runs.forEach(run -> names.append('\n').append(run.name()));
    return Sha256.of(names.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Reads all embeddings; see {@link #forEach(Supplier, BooleanSupplier)}. */
  public void forEach(Supplier<Sink> sinks) throws IOException {
    forEach(sinks, () -> false);
  }

  /**
   * Reads the embeddings in any order, several files at a time.
   *
   * @param sinks yields a sink for each file; only one thread at a time calls it
   * @param enough whether to begin no further file
   * @throws IOException if a file cannot be read or is not of its format
   */
  public void forEach(Supplier<Sink> sinks, BooleanSupplier enough) throws IOException {
    read(
        () -> {
          Sink sink = sinks.get();
          return record -> sink.accept(Objects.requireNonNull(EmbeddingRecord.toEmbedding(record)));
        },
        enough,
        true);
  }

  /**
   * Reads the embeddings run by run, the newest first, and file by file, each from its beginning.
   * The order is the same each time.
   *
   * @throws IOException if a file cannot be read or is not of its format
   */
  public void forEachInOrder(Sink sink) throws IOException {
    readInOrder(record -> sink.accept(Objects.requireNonNull(EmbeddingRecord.toEmbedding(record))));
  }

  /** Returns the SHA-256 of each image by id; takes about 300 bytes of memory for an image. */
  public Map<String, String> contents() throws IOException {
    Map<String, Optional<String>> newest = new HashMap<>();
    for (DatasetRun run : runs) {
      for (DatasetRun.Part part : run.partsWithContents()) {
        RunContents.read(
            part,
            (record, deleted) ->
                newest.putIfAbsent(
                    record.get("id").toString(),
                    deleted
                        ? Optional.empty()
                        : Optional.of(record.get("content_sha256").toString())));
      }
    }
    Map<String, String> contents = new HashMap<>();
    newest.forEach((id, sha256) -> sha256.ifPresent(there -> contents.put(id, there)));
    return contents;
  }

  /**
   * Reads all embeddings into memory. Records need no fields but {@code id}, {@code label} and
   * {@code embedding}.
   *
   * @throws FileNotFoundException if there is no image
   * @throws IllegalArgumentException if embeddings differ in size, are not finite, or are too many
   * @throws IOException if a file cannot be read or is not of its format
   */
  public LabeledEmbeddings load() throws IOException {
    Set<String> ids = new LinkedHashSet<>();
    List<@Nullable String> labels = new ArrayList<>();
    List<float[]> vectors = new ArrayList<>();
    readInOrder(
        record -> {
          if (ids.add(record.get("id").toString())) {
            labels.add(EmbeddingRecord.label(record));
            vectors.add(Objects.requireNonNull(EmbeddingRecord.vector(record)));
          }
        });
    if (ids.isEmpty()) {
      throw new FileNotFoundException("the finished runs in %s hold no images".formatted(dataset));
    }
    int dimension = vectors.get(0).length;
    if ((long) dimension * ids.size() > MOST_NUMBERS) {
      throw new IllegalArgumentException(
          "%s holds %,d embeddings of %,d numbers, but at most %,d numbers are read"
              .formatted(dataset, ids.size(), dimension, MOST_NUMBERS));
    }
    List<String> names = List.copyOf(ids);
    float[] joined = new float[dimension * names.size()];
    for (int i = 0; i < vectors.size(); i++) {
      if (vectors.get(i).length != dimension) {
        throw new IllegalArgumentException(
            "the embeddings of %s and %s in %s have %d and %d numbers, but must have equally many"
                .formatted(names.get(0), names.get(i), dataset, dimension, vectors.get(i).length));
      }
      System.arraycopy(vectors.get(i), 0, joined, i * dimension, dimension);
    }
    return LabeledEmbeddings.of(names, labels, dimension, joined);
  }

  /** Reads the records run by run, the newest first, and file by file. */
  private void readInOrder(FileFormat.RecordHandler handler) throws IOException {
    read(() -> handler, () -> false, false);
  }

  private void read(
      Supplier<FileFormat.RecordHandler> handlers, BooleanSupplier enough, boolean parallel)
      throws IOException {
    Set<String> replaced = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < runs.size() && !enough.getAsBoolean(); i++) {
      boolean oldest = i == runs.size() - 1;
      Set<String> ids = ConcurrentHashMap.newKeySet();
      Stream<PartFile> parts = runs.get(i).parts().stream();
      try {
        (parallel ? parts.parallel() : parts)
            .filter(part -> !enough.getAsBoolean())
            .forEach(part -> read(part, handlers.get(), replaced, oldest ? null : ids));
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      replaced.addAll(ids);
    }
  }

  private static void read(
      PartFile part,
      FileFormat.RecordHandler handler,
      Set<String> replaced,
      @Nullable Set<String> ids) {
    try {
      part.read(
          record -> {
            String id = record.get("id").toString();
            if (ids != null) {
              ids.add(id);
            }
            if (!replaced.contains(id) && record.get("embedding") != null) {
              handler.accept(record);
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
