package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the current view of a data set in this process, without holding it: needs memory for
 * the ids in all runs but the oldest, as these replace what older runs say of the same images. With
 * one run, or one large and some small ones that followed, that is little.
 */
public final class EmbeddingScan {
  private final String model;
  private final List<DatasetRun> runs;
  private final List<String> otherModels;

  private EmbeddingScan(String model, List<DatasetRun> runs, List<String> otherModels) {
    this.model = model;
    this.runs = runs;
    this.otherModels = otherModels;
  }

  /** Takes embeddings, those of one part of the data set one after the other. */
  @FunctionalInterface
  public interface Sink {
    /** Takes an embedding. */
    void accept(Embedding embedding) throws IOException;
  }

  /**
   * Prepares to read the embeddings of the newest run's model.
   *
   * @throws FileNotFoundException if there is no finished run
   */
  public static EmbeddingScan of(String folder) throws IOException {
    List<DatasetRun> all = DatasetRun.list(folder);
    return of(all, all.get(0).model());
  }

  /**
   * Prepares to read the embeddings of a model; there may be none.
   *
   * @throws FileNotFoundException if there is no finished run of any model
   */
  public static EmbeddingScan of(String folder, String model) throws IOException {
    return of(DatasetRun.list(folder), model);
  }

  private static EmbeddingScan of(List<DatasetRun> all, String model) {
    return new EmbeddingScan(
        model,
        all.stream().filter(run -> run.model().equals(model)).toList(),
        all.stream().map(DatasetRun::model).filter(m -> !m.equals(model)).distinct().toList());
  }

  /** Returns the id of the model whose embeddings are read. */
  public String model() {
    return model;
  }

  /** Returns the finished runs of the model, the newest first. */
  public List<DatasetRun> runs() {
    return runs;
  }

  /** Returns the ids of the other models whose embeddings the data set holds. */
  public List<String> otherModels() {
    return otherModels;
  }

  /** Returns how many images there are at most, by the manifests of the runs. */
  public long mostImages() throws IOException {
    long images = 0;
    for (DatasetRun run : runs) {
      images += RunManifest.read(new BeamFileStore(run.folder())).counts().embedded();
    }
    return images;
  }

  /** Returns a digest of the runs; while it is the same, so is the current view. */
  public String fingerprint() {
    StringBuilder names = new StringBuilder(model);
    runs.forEach(run -> names.append('\n').append(run.name()));
    return Sha256.of(names.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Reads all embeddings; {@link #forEach(Supplier, BooleanSupplier)} says how. */
  public void forEach(Supplier<Sink> sinks) throws IOException {
    forEach(sinks, () -> false);
  }

  /**
   * Reads the embeddings, in any order and several parts at a time.
   *
   * @param sinks yields a sink for each part, which no other thread calls
   * @param enough says that no further part needs to be begun
   * @throws IOException if a file cannot be read or is no such file
   */
  public void forEach(Supplier<Sink> sinks, BooleanSupplier enough) throws IOException {
    Set<String> replaced = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < runs.size() && !enough.getAsBoolean(); i++) {
      boolean oldest = i == runs.size() - 1;
      Set<String> ids = ConcurrentHashMap.newKeySet();
      try {
        runs.get(i).parts().parallelStream()
            .filter(part -> !enough.getAsBoolean())
            .forEach(part -> read(part, sinks.get(), replaced, oldest ? null : ids));
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      replaced.addAll(ids);
    }
  }

  private static void read(
      ResourceId part, Sink sink, Set<String> replaced, @Nullable Set<String> ids) {
    try {
      PartFile.read(
          part,
          record -> {
            String id = record.get("id").toString();
            if (ids != null) {
              ids.add(id);
            }
            Embedding embedding =
                replaced.contains(id) ? null : EmbeddingRecord.toEmbedding(record);
            if (embedding != null) {
              sink.accept(embedding);
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
