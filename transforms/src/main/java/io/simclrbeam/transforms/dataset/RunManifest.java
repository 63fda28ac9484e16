package io.simclrbeam.transforms.dataset;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.simclrbeam.model.storage.FileStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * {@code _MANIFEST.json}: what an embedding run read and wrote.
 *
 * @param modelId the first 12 digits of the encoder's SHA-256
 * @param counts of images
 * @param inputDigest of the ids and contents of the embedded images, whatever their order
 * @param schema name of the record
 * @param dimension numbers in an embedding
 * @param files data and rejects
 */
public record RunManifest(
    @JsonProperty("model_id") String modelId,
    @JsonProperty("counts") Counts counts,
    @JsonProperty("input_digest") String inputDigest,
    @JsonProperty("schema") String schema,
    @JsonProperty("dimension") int dimension,
    @JsonProperty("files") List<File> files) {

  /** Written last; a run without it does not exist for readers. */
  public static final String SUCCESS = "_SUCCESS";

  /** Its file's name. */
  public static final String NAME = "_MANIFEST.json";

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
