package io.simclrbeam.transforms.dataset;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.simclrbeam.model.evaluate.Moments;
import io.simclrbeam.model.storage.FileStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code _MANIFEST.json}: what an embedding run read and wrote, and how.
 *
 * @param modelId the first 12 digits of the encoder's SHA-256
 * @param startedAt ISO 8601, UTC
 * @param finishedAt likewise, when all files were there
 * @param settings of the run, by option name
 * @param versions of the software
 * @param counts of images
 * @param inputDigest of the ids and contents of the embedded images, whatever their order
 * @param schema name of the record
 * @param dimension numbers in an embedding
 * @param statistics of the embeddings that the run made
 * @param gates that decided whether the run is published
 * @param files data and rejects
 */
public record RunManifest(
    @JsonProperty("model_id") String modelId,
    @JsonProperty("started_at") String startedAt,
    @JsonProperty("finished_at") String finishedAt,
    @JsonProperty("settings") Map<String, String> settings,
    @JsonProperty("versions") Map<String, String> versions,
    @JsonProperty("counts") Counts counts,
    @JsonProperty("input_digest") String inputDigest,
    @JsonProperty("schema") String schema,
    @JsonProperty("dimension") int dimension,
    @JsonProperty("statistics") Statistics statistics,
    @JsonProperty("gates") List<Gate> gates,
    @JsonProperty("files") List<File> files) {

  /** Written last; a run without it does not exist for readers. */
  public static final String SUCCESS = "_SUCCESS";

  /** The name of the file. */
  public static final String NAME = "_MANIFEST.json";

  /** Among the settings: the table that the run is loaded into, if any. */
  public static final String TABLE = "table";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * Numbers of images.
   *
   * @param input found
   * @param embedded written with an embedding
   * @param skipped embedded by an earlier run
   * @param rejected unusable
   * @param deleted gone since an earlier run
   */
  public record Counts(
      @JsonProperty("input") long input,
      @JsonProperty("embedded") long embedded,
      @JsonProperty("skipped") long skipped,
      @JsonProperty("rejected") long rejected,
      @JsonProperty("deleted") long deleted) {}

  /**
   * Statistics of the embeddings that a run made.
   *
   * @param notFinite embeddings with a number that is infinite or NaN
   * @param meanNorm mean length of an embedding
   * @param normDeviation standard deviation of the lengths
   * @param minNorm length of the shortest
   * @param maxNorm length of the longest
   * @param totalVariance sum of the dimensions' variances
   * @param rankme effective rank, arXiv 2210.02885; null for more numbers than {@link
   *     Moments#MAX_DIMENSIONS}
   */
  public record Statistics(
      @JsonProperty("not_finite") long notFinite,
      @JsonProperty("mean_norm") double meanNorm,
      @JsonProperty("norm_deviation") double normDeviation,
      @JsonProperty("min_norm") double minNorm,
      @JsonProperty("max_norm") double maxNorm,
      @JsonProperty("total_variance") double totalVariance,
      @JsonProperty("rankme") @Nullable Double rankme) {

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
      @JsonProperty("name") String name,
      @JsonProperty("value") @Nullable Double value,
      @JsonProperty("limit") double limit,
      @JsonProperty("passed") boolean passed,
      @JsonProperty("detail") String detail) {}

  /**
   * A file of the run.
   *
   * @param name in the run's folder
   * @param records in it
   * @param sha256 of its bytes
   */
  public record File(
      @JsonProperty("name") String name,
      @JsonProperty("records") long records,
      @JsonProperty("sha256") String sha256) {}

  /** Returns whether the run may be published without anybody's leave. */
  public boolean passed() {
    return gates.stream().allMatch(Gate::passed);
  }

  /** Returns the table that the run is loaded into before it counts; null if there is none. */
  public @Nullable String table() {
    return settings.get(TABLE);
  }

  /** Reads the manifest of a run. */
  public static RunManifest read(FileStore run) throws IOException {
    try (InputStream in = run.open(NAME)) {
      return JSON.readValue(in, RunManifest.class);
    }
  }

  void write(FileStore run) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(this);
    run.write(NAME, out -> out.write(bytes));
  }
}
