package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which runs of a model become a base, and what the base has besides their records.
 *
 * @param dataset folder of the data set
 * @param model the model's id
 * @param merged the runs, the newest first; a base is the last of them
 * @param forgetting a base among them, if no run before it is left: nobody needs to be told which
 *     of its images are gone; null if there is none
 * @param waitsFor name of a run that is being written, and so ends the runs that are merged; null
 *     if there is none
 */
public record Compaction(
    String dataset,
    String model,
    List<DatasetRun> merged,
    @Nullable DatasetRun forgetting,
    @Nullable String waitsFor) {
  /** What later runs compare themselves with: of the newest run that has it. */
  private static final List<String> KEPT = List.of(RunStatistics.NAME, Canaries.VECTORS);

  /** Copies the list. */
  public Compaction {
    merged = List.copyOf(merged);
  }

  /** Chooses runs: all that are published, up to the first that is being written. */
  public static Compaction of(String dataset, String model) throws IOException {
    List<RunFolder> folders = RunFolder.listOf(dataset, model);
    @Nullable String border =
        folders.stream()
            .filter(run -> run.state() != RunFolder.State.PUBLISHED)
            .filter(run -> run.isSigned() && !run.isBase())
            .map(RunFolder::name)
            .min(Comparator.naturalOrder())
            .orElse(null);
    List<DatasetRun> runs =
        DatasetRun.listOf(dataset, model).stream()
            .filter(run -> border == null || run.name().compareTo(border) < 0)
            .toList();
    @Nullable DatasetRun base = runs.stream().filter(DatasetRun::isBase).findFirst().orElse(null);
    boolean isOldest =
        base != null && folders.stream().noneMatch(run -> run.name().compareTo(base.name()) < 0);
    return new Compaction(dataset, model, runs, isOldest ? base : null, border);
  }

  /** Returns whether there is nothing to merge: no run, or one alone. */
  public boolean isEmpty() {
    return merged.size() < 2;
  }

  /** Returns how many runs there are since the last base. */
  public int runs() {
    return (int) merged.stream().filter(run -> !run.isBase()).count();
  }

  /**
   * Begins the base: gives it a folder, and writes its lineage and what later runs compare
   * themselves with.
   *
   * @return the right to write it
   */
  public RunLease begin(Clock clock) throws IOException {
    DatasetRun newest = merged.get(0);
    String name = DatasetLayout.baseAfter(newest.name());
    RunLease lease = RunLease.take(dataset, model, name, clock);
    try {
      RunLineage.write(lease.folder(), merged);
      for (String file : KEPT) {
        @Nullable DatasetRun source = newest(file);
        if (source != null) {
          try (InputStream in = new BeamFileStore(source.folder()).open(file)) {
            lease.folder().write(file, in::transferTo);
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      lease.end();
      throw e;
    }
    return lease;
  }

  /** Returns the newest run that has a file; null if none has. */
  private @Nullable DatasetRun newest(String file) throws IOException {
    for (DatasetRun run : merged) {
      if (new BeamFileStore(run.folder()).exists(file)) {
        return run;
      }
    }
    return null;
  }

  /** Returns the format of the base: that of its runs. */
  public PartFormat format(RunSpec base) throws IOException {
    @Nullable String files = base.settings().get(RunManifest.FORMAT);
    @Nullable String vectors = base.settings().get(RunManifest.VECTORS);
    List<PartFile> parts = merged.get(0).parts();
    FileFormat format =
        files != null
            ? FileFormat.of(files)
            : parts.isEmpty() ? PartFormat.DEFAULT.files() : parts.get(0).format();
    return PartFormat.of(format, vectors == null ? VectorFormat.FLOAT32 : VectorFormat.of(vectors));
  }

  /**
   * Says how the base is written. Its settings are those of the newest run that says them, but it
   * is loaded into no table. Its findings are of the decoder that is here.
   *
   * @param versions of the software
   */
  public RunSpec base(RunLease lease, Map<String, String> versions) throws IOException {
    Map<String, String> settings = new LinkedHashMap<>();
    Map<String, String> software = new LinkedHashMap<>(versions);
    software.put(Findings.DECODER, String.valueOf(ImageDecoder.VERSION));
    int dimension = 0;
    for (DatasetRun run : merged) {
      RunManifest manifest = run.manifest();
      manifest.settings().forEach(settings::putIfAbsent);
      dimension = Math.max(dimension, manifest.dimension());
    }
    @Nullable DatasetRun canaries = newest(Canaries.VECTORS);
    if (canaries != null) {
      software.put(
          RunManifest.HARDWARE,
          canaries.manifest().versions().getOrDefault(RunManifest.HARDWARE, ""));
    }
    settings.remove(RunManifest.TABLE);
    return new RunSpec(
        dataset,
        model,
        lease.name(),
        lease.startedAt().toEpochMilli(),
        dimension,
        settings,
        software);
  }
}
