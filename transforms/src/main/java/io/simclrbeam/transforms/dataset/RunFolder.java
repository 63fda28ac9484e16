package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.FileListing;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.jspecify.annotations.Nullable;

/**
 * A run in a data set, finished or not.
 *
 * @param dataset folder of the data set
 * @param model the model's id
 * @param name of the run
 * @param bytes in all its files
 * @param changedMillis when one of them changed last, by the storage's clock, in milliseconds since
 *     1970; 0 if it does not say
 * @param files names of its files
 */
public record RunFolder(
    String dataset, String model, String name, long bytes, long changedMillis, List<String> files) {
  /** How far a run got. */
  public enum State {
    /** Readers see it. */
    PUBLISHED,
    /** It is whole, but a quality gate holds it back. */
    HELD_BACK,
    /** It is being written, or its writer was killed. */
    UNFINISHED
  }

  /** Copies the list. */
  public RunFolder {
    files = List.copyOf(files);
  }

  /** Lists all runs of a data set, by model and then by age; there may be none. */
  public static List<RunFolder> list(String dataset) throws IOException {
    return match(dataset, DatasetLayout.runFolder(dataset, DatasetLayout.ANY, DatasetLayout.ANY));
  }

  /** Lists all runs of a model by age; there may be none. */
  static List<RunFolder> listOf(String dataset, String model) throws IOException {
    return match(dataset, DatasetLayout.runFolder(dataset, model, DatasetLayout.ANY));
  }

  /**
   * Finds a run by its folder {@code DATASET/model=ID/run=TIME}.
   *
   * @return null if there is no such run
   */
  public static @Nullable RunFolder find(String path) throws IOException {
    String folder = path.endsWith("/") ? path : path + "/";
    DatasetLayout.Location location = DatasetLayout.parse(folder);
    if (location == null) {
      return null;
    }
    List<RunFolder> found = match(location.dataset(), folder);
    return found.isEmpty() ? null : found.get(0);
  }

  private static List<RunFolder> match(String dataset, String folders) throws IOException {
    Map<String, RunFolder> runs = new TreeMap<>();
    for (MatchResult.Metadata file : FileListing.of(folders + DatasetLayout.ANY)) {
      String path = file.resourceId().toString();
      DatasetLayout.Location at = DatasetLayout.parse(path);
      if (at != null && !at.file().isEmpty()) {
        RunFolder part =
            new RunFolder(
                dataset,
                at.model(),
                at.run(),
                file.sizeBytes(),
                file.lastModifiedMillis(),
                List.of(at.file()));
        runs.merge(part.model + " " + part.name, part, RunFolder::with);
      }
    }
    return runs.values().stream().filter(run -> !run.files.contains(RunLease.ABANDONED)).toList();
  }

  private RunFolder with(RunFolder other) {
    List<String> all = new ArrayList<>(files);
    all.addAll(other.files);
    return new RunFolder(
        dataset,
        model,
        name,
        bytes + other.bytes,
        Math.max(changedMillis, other.changedMillis),
        all);
  }

  /** Returns how far the run got. */
  public State state() {
    if (files.contains(RunManifest.SUCCESS)) {
      return State.PUBLISHED;
    }
    return files.contains(RunManifest.NAME) ? State.HELD_BACK : State.UNFINISHED;
  }

  /** Returns whether the run is being written, or its writer was killed. */
  public boolean isSigned() {
    return files.contains(RunLease.NAME);
  }

  /** Returns whether this replaces all runs before it. */
  public boolean isBase() {
    return DatasetLayout.isBase(name);
  }

  /** Returns the run's files. */
  public FileStore store() {
    return new BeamFileStore(DatasetLayout.runFolder(dataset, model, name));
  }

  /** Returns why the run cannot be published any more, for people; null if it can. */
  public @Nullable String passedBy() throws IOException {
    return RunOrder.passedBy(listOf(dataset, model), name);
  }

  /**
   * Makes a whole run visible, whatever its gates say.
   *
   * @throws DamagedDatasetException if a file differs from what the manifest says
   * @throws IOException also if a base was made since
   */
  public void publish() throws IOException {
    FileStore folder = store();
    for (RunManifest.File file : RunManifest.read(folder).files()) {
      String actual;
      try (InputStream in = folder.open(file.name())) {
        actual = Sha256.of(in);
      }
      if (!actual.equals(file.sha256())) {
        throw new DamagedDatasetException(
            "%s%s is damaged: its SHA-256 is %s, but %s says %s"
                .formatted(folder.location(), file.name(), actual, RunManifest.NAME, file.sha256()),
            null);
      }
    }
    RunLease lease = RunLease.take(dataset, model, name, Clock.systemUTC());
    try {
      RunOrder.check(dataset, model, name);
      folder.write(RunManifest.SUCCESS, done -> {});
      RunHistory.update(dataset, model);
    } finally {
      lease.end();
    }
  }
}
