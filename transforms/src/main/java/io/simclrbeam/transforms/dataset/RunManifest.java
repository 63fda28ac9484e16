package io.simclrbeam.transforms.dataset;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.simclrbeam.model.evaluate.Moments;
import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.transforms.storage.FileListing;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.jspecify.annotations.Nullable;

/**
 * {@code _MANIFEST.json}: what an embedding run read and wrote, and how. Manifests of before there
 * were quality gates lack times, settings, versions, statistics and gates.
 *
 * @param modelId the first 12 digits of the encoder's SHA-256
 * @param startedAt ISO 8601, UTC; null if not known
 * @param finishedAt when all files were there, likewise
 * @param settings of the run, by option name
 * @param versions of the software
 * @param counts of images
 * @param known number of images in the current view before the run; null if they were not counted
 * @param inputDigest of the ids and contents of the images that the run has embeddings of, whatever
 *     their order
 * @param schema name of the record
 * @param dimension numbers in an embedding
 * @param statistics of the embeddings that the run made; null if it made none, or they are not
 *     known
 * @param gates that decided whether the run is published
 * @param unlisted places that could not be listed, and so may hold images that are not marked as
 *     deleted; those with most images first, {@value #MOST_UNLISTED} at most
 * @param files parts, their contents, findings and rejects
 * @param replaces names of the runs that a base replaces directly; none for other runs
 */
public record RunManifest(
    String modelId,
    @Nullable String startedAt,
    @Nullable String finishedAt,
    Map<String, String> settings,
    Map<String, String> versions,
    Counts counts,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long known,
    String inputDigest,
    String schema,
    int dimension,
    @Nullable Statistics statistics,
    List<Gate> gates,
    List<Unlisted> unlisted,
    List<File> files,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> replaces) {
  /** Written last; a run without it does not exist for readers. */
  public static final String SUCCESS = "_SUCCESS";

  /** The name of the file. */
  public static final String NAME = "_MANIFEST.json";

  /** Among the settings: the table that the run is loaded into, if any. */
  public static final String TABLE = "table";

  /** Among the settings: format of the parts. */
  public static final String FORMAT = "format";

  /** Among the settings: how the numbers of vectors are stored. */
  public static final String VECTORS = "vectors";

  /** Among the versions: processor, device and libtorch that made the embeddings. */
  static final String HARDWARE = "hardware";

  static final int MOST_UNLISTED = 100;

  private static final String CURE =
      "Restore it from a backup, or delete the run's folder and embed its images again. Until then only programs that read the part files by themselves, such as DuckDB and Spark, read the data set.";

  /** Takes nothing for what is missing. */
  public RunManifest {
    settings = Objects.requireNonNullElse(settings, Map.of());
    versions = Objects.requireNonNullElse(versions, Map.of());
    gates = Objects.requireNonNullElse(gates, List.of());
    unlisted = Objects.requireNonNullElse(unlisted, List.of());
    replaces = Objects.requireNonNullElse(replaces, List.of());
  }

  /**
   * Numbers of images.
   *
   * @param input found
   * @param embedded written with an embedding
   * @param skipped embedded by an earlier run
   * @param updated embedded by an earlier run, and written again with another label or place; 0 in
   *     manifests of before this was done
   * @param rejected unusable
   * @param deleted gone since an earlier run
   */
  public record Counts(
      long input,
      long embedded,
      long skipped,
      @JsonSetter(nulls = Nulls.AS_EMPTY) long updated,
      long rejected,
      long deleted) {

    /** Returns the number of images that are usable or gone. */
    public long usableOrGone() {
      return embedded + skipped + updated + deleted;
    }
  }

  /**
   * Statistics of the embeddings that a run made. Their norms are Euclidean.
   *
   * @param notFinite embeddings with a number that is infinite or NaN
   * @param meanNorm mean norm of an embedding
   * @param normStd standard deviation of the norms
   * @param minNorm smallest norm
   * @param maxNorm largest norm
   * @param totalVariance sum of the dimensions' variances
   * @param rankme effective rank, arXiv 2210.02885; null for more numbers than {@link
   *     Moments#MAX_DIMENSIONS}
   */
  public record Statistics(
      long notFinite,
      double meanNorm,
      @JsonAlias("norm_deviation") double normStd,
      double minNorm,
      double maxNorm,
      double totalVariance,
      @Nullable Double rankme) {

    static Statistics of(Moments moments) {
      return new Statistics(
          moments.notFinite(),
          moments.meanNorm(),
          moments.normStd(),
          moments.minNorm(),
          moments.maxNorm(),
          moments.totalVariance(),
          moments.hasProducts() ? moments.rankMe() : null);
    }
  }

  /**
   * A condition for publication.
   *
   * @param name of the option that sets the limit, without dashes
   * @param value found; null if it could not be found out
   * @param limit allowed
   * @param passed whether the value is within the limit, or there is none
   * @param detail for people
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Gate(
      String name, @Nullable Double value, double limit, boolean passed, String detail) {}

  /**
   * A place that could not be listed.
   *
   * @param place path below the input's root, or an input
   * @param images of earlier runs that may be there, and were not marked as deleted
   */
  public record Unlisted(String place, long images) {}

  /**
   * A file of the run.
   *
   * @param name in the run's folder
   * @param records in it
   * @param sha256 of its bytes
   * @param bytes its size; null in manifests of before it was kept
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record File(String name, long records, String sha256, @Nullable Long bytes)
      implements Serializable {}

  /**
   * Compares the files with the folder. Only names and sizes are looked at.
   *
   * @return what is wrong with the first file that is not as listed; null if all are
   */
  @Nullable String missing(FileStore run) throws IOException {
    Map<String, Long> there = new HashMap<>();
    for (MatchResult.Metadata file : FileListing.of(run.location() + DatasetLayout.ANY)) {
      String path = file.resourceId().toString();
      there.put(path.substring(path.lastIndexOf('/') + 1), file.sizeBytes());
    }
    for (File file : files) {
      Long bytes = there.get(file.name);
      if (bytes == null) {
        return "%s%s is missing, though %s lists it".formatted(run.location(), file.name, NAME);
      }
      if (file.bytes != null && !bytes.equals(file.bytes)) {
        return "%s%s has %,d bytes, but %s says %,d"
            .formatted(run.location(), file.name, bytes, NAME, file.bytes);
      }
    }
    return null;
  }

  /** Returns what a lineage keeps of this. */
  RunManifest withoutFiles() {
    return new RunManifest(
        modelId,
        startedAt,
        finishedAt,
        settings,
        versions,
        counts,
        known,
        inputDigest,
        schema,
        dimension,
        statistics,
        gates,
        List.of(),
        List.of(),
        replaces);
  }

  /** Returns whether all gates let the run be published. */
  public boolean passed() {
    return gates.stream().allMatch(Gate::passed);
  }

  /** Returns a line for each gate that holds the run back, for people; empty if none does. */
  public String reasons() {
    return gates.stream()
        .filter(gate -> !gate.passed())
        .map(
            gate ->
                String.format(
                    Locale.ROOT,
                    "  %s is %.4g, the limit %.4g: %s",
                    gate.name(),
                    gate.value(),
                    gate.limit(),
                    gate.detail()))
        .collect(Collectors.joining(System.lineSeparator()));
  }

  /** Returns lines that say which gates did not judge the run and why; empty if all did. */
  public String notJudged() {
    Map<String, List<String>> names = new LinkedHashMap<>();
    for (Gate gate : gates) {
      if (gate.value == null) {
        names.computeIfAbsent(gate.detail, detail -> new ArrayList<>()).add(gate.name);
      }
    }
    return names.entrySet().stream()
        .map(entry -> "  %s %s".formatted(String.join(", ", entry.getValue()), entry.getKey()))
        .collect(Collectors.joining(System.lineSeparator()));
  }

  /** Returns a line for each place that could not be listed, for people; empty if all could. */
  public String unlistedPlaces() {
    return unlisted.stream()
        .map(
            place ->
                "  no mark of deletion for %s, maybe in %s, which cannot be listed"
                    .formatted(Numbers.count(place.images(), "image"), place.place()))
        .collect(Collectors.joining(System.lineSeparator()));
  }

  /** Returns the table that the run is loaded into before it counts; null if there is none. */
  public @Nullable String table() {
    return settings.get(TABLE);
  }

  /**
   * Reads the manifest of a run.
   *
   * @throws io.simclrbeam.model.storage.DamagedFileException if it is not what was written
   * @throws io.simclrbeam.model.storage.NewerFormatException if its format is newer than this
   *     program knows
   */
  public static RunManifest read(FileStore run) throws IOException {
    try (InputStream in = run.open(NAME)) {
      return Json.read(
          FileKind.RUN_MANIFEST,
          in,
          run.location() + NAME,
          CURE,
          json -> Json.MAPPER.treeToValue(json, RunManifest.class));
    }
  }

  void write(FileStore run) throws IOException {
    byte[] bytes = Json.PRETTY.writeValueAsBytes(Json.withVersion(FileKind.RUN_MANIFEST, this));
    run.write(NAME, out -> out.write(bytes));
  }
}
