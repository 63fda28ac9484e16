package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.tensor.Safetensors;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.FileListing;
import io.simclrbeam.transforms.storage.StorageException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A finished run of an embedding data set: a folder {@code model=ID/run=TIME/} with the file {@code
 * _SUCCESS}. A run without it does not exist for readers.
 *
 * @param model the model's id
 * @param name begins with the time when the run began, so that names sort by age
 * @param folder with the run's files; ends in a slash
 */
public record DatasetRun(String model, String name, String folder) implements Serializable {
  private static final Logger LOG = LoggerFactory.getLogger(DatasetRun.class);

  /** Returns the folder of the data set that the run is in. */
  public String dataset() {
    return Objects.requireNonNull(DatasetLayout.parse(folder)).dataset();
  }

  /**
   * Lists the finished runs of a data set, the newest first. Runs that a base replaces are left
   * out: see {@link CompactRuns}.
   *
   * @throws FileNotFoundException if there is none
   */
  public static List<DatasetRun> list(String dataset) throws IOException {
    List<DatasetRun> runs = listOf(dataset, DatasetLayout.ANY);
    if (runs.isEmpty()) {
      throw new FileNotFoundException(
          match(anyRun(dataset, DatasetLayout.ANY) + DatasetLayout.ANY).isEmpty()
              ? "there is no embedding data set in %s; embed makes one".formatted(dataset)
              : "no run in %s is finished; wait for embed, or run it again if it failed"
                  .formatted(dataset));
    }
    return runs;
  }

  /** Returns them for one model; there may be none. */
  public static List<DatasetRun> listOf(String dataset, String modelId) throws IOException {
    return current(allOf(dataset, modelId));
  }

  /** Leaves out what bases replace: all runs of a model before its newest base. */
  static List<DatasetRun> current(List<DatasetRun> newestFirst) {
    Set<String> complete = new HashSet<>();
    List<DatasetRun> current = new ArrayList<>();
    for (DatasetRun run : newestFirst) {
      if (!complete.contains(run.model)) {
        current.add(run);
      }
      if (run.isBase()) {
        complete.add(run.model);
      }
    }
    return List.copyOf(current);
  }

  /** Returns whether this replaces all runs before it. */
  public boolean isBase() {
    return DatasetLayout.isBase(name);
  }

  /** Lists the finished runs of one model, the newest first, also those that a base replaces. */
  static List<DatasetRun> allOf(String dataset, String modelId) throws IOException {
    List<DatasetRun> runs = new ArrayList<>();
    for (ResourceId file : match(anyRun(dataset, modelId) + RunManifest.SUCCESS)) {
      DatasetLayout.Location location = DatasetLayout.parse(file.toString());
      if (location != null) {
        runs.add(
            new DatasetRun(
                location.model(), location.run(), file.getCurrentDirectory().toString()));
      }
    }
    runs.sort(Comparator.comparing(DatasetRun::name).thenComparing(DatasetRun::model).reversed());
    return List.copyOf(runs);
  }

  private static String anyRun(String dataset, String modelId) {
    return DatasetLayout.runFolder(dataset, modelId, DatasetLayout.ANY);
  }

  /**
   * Returns the files with the run's records that its manifest lists, in a fixed order. Others in
   * the folder are not the run's.
   *
   * @throws UnknownFormatException if one is of no format on the class path
   * @throws DamagedDatasetException if one is missing or of another size than the manifest says
   */
  List<PartFile> parts() throws IOException {
    List<PartFile> parts = new ArrayList<>();
    for (RunManifest.File file : manifest().files()) {
      if (PartFile.isName(file.name())) {
        parts.add(PartFile.of(folder + file.name()));
      }
    }
    return List.copyOf(parts);
  }

  /**
   * A part of a run.
   *
   * @param run name of the run
   * @param file with the records
   * @param contents file with the records without vectors, as of {@link RunContents}; null if there
   *     is none
   */
  record Part(String run, String file, @Nullable String contents) implements Serializable {}

  /** Returns the same files as {@link #parts}, by name, and what is beside them. */
  List<Part> partsWithContents() throws IOException {
    Set<String> names = new HashSet<>();
    for (RunManifest.File file : manifest().files()) {
      names.add(file.name());
    }
    return names.stream()
        .filter(PartFile::isName)
        .sorted()
        .map(
            name -> {
              String contents = RunContents.nameFor(name);
              return new Part(
                  this.name, folder + name, names.contains(contents) ? folder + contents : null);
            })
        .toList();
  }

  /**
   * Returns the manifest, if the folder has all files that it lists.
   *
   * @throws DamagedDatasetException if one is missing or of another size than the manifest says
   */
  RunManifest manifest() throws IOException {
    BeamFileStore run = new BeamFileStore(folder);
    RunManifest manifest;
    @Nullable String problem;
    try {
      manifest = RunManifest.read(run);
      problem = manifest.missing(run);
    } catch (FileNotFoundException e) {
      throw new DamagedDatasetException("%s%s is missing".formatted(folder, RunManifest.NAME), e);
    }
    if (problem != null) {
      throw new DamagedDatasetException(problem, null);
    }
    return manifest;
  }

  /**
   * Reads tensors that the run keeps for later ones. Warns of a damaged file, without which later
   * runs do.
   *
   * @param reader throws any {@code RuntimeException} if the tensors are not those that were kept
   * @return null if there is no such file, or it is damaged
   */
  <T> @Nullable T kept(String file, Function<Map<String, Tensor>, T> reader) throws IOException {
    BeamFileStore run = new BeamFileStore(folder);
    if (!run.exists(file)) {
      return null;
    }
    try (InputStream in = run.open(file)) {
      return reader.apply(Safetensors.read(in));
    } catch (StorageException e) {
      throw e; // it may be whole
    } catch (IOException | RuntimeException e) {
      LOG.warn(
          "{}{} is damaged: {}. Embeddings are compared with those of an earlier run instead. Delete the file, as later runs do without it.",
          folder,
          file,
          e.getMessage());
      return null;
    }
  }

  private static List<ResourceId> match(String spec) throws IOException {
    return FileListing.of(spec).stream()
        .map(MatchResult.Metadata::resourceId)
        .sorted(Comparator.comparing(ResourceId::toString))
        .toList();
  }
}
