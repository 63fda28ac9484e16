package io.simclrbeam.model.storage;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of files that are read for years, each with the version of its format that this program
 * writes. It reads that and all earlier ones; files without a version are of version 0.
 *
 * <p>A version rises when readers of the version before would misunderstand a file: not when a
 * field is added that they may ignore.
 */
public enum FileKind {
  /** {@code model.json}. */
  MODEL_CARD(1),
  /** {@code run.json} in a model folder; from version 2 on, its settings say their version. */
  TRAINING_RUN(2),
  /** {@code checkpoint.json}, the seal of a checkpoint. */
  CHECKPOINT_SEAL(1),
  /** {@code manifest.avro}, the images of a data set. */
  IMAGE_MANIFEST(1),
  /** {@code _MANIFEST.json} of an embedding run. */
  RUN_MANIFEST(1),
  /** The lines of {@code _lineage.jsonl} of a base. */
  RUN_LINEAGE(1),
  /** The lines of {@code _history.jsonl}. */
  RUN_HISTORY(1),
  /** Parts of embeddings, in Avro and Parquet. */
  EMBEDDING_PART(1),
  /** {@code _contents-*.avro} of an embedding run: its parts without vectors. */
  RUN_CONTENTS(1),
  /** {@code _findings-*.avro} of an embedding run: what it found in the files that it read. */
  RUN_FINDINGS(1);

  /** The field of a JSON object that holds the version. */
  public static final String FIELD = "format_version";

  /** The key of the metadata of Avro and Parquet files that holds the version. */
  public static final String METADATA = "simclr.format_version";

  private final int version;

  FileKind(int version) {
    this.version = version;
  }

  /** Returns the version that is written. */
  public int version() {
    return version;
  }

  /** Returns the metadata of Avro and Parquet files that says the version. */
  public Map<String, String> metadata() {
    return Map.of(METADATA, Integer.toString(version));
  }

  /**
   * Checks that an Avro or Parquet file can be understood.
   *
   * @param found what its metadata holds for {@link #METADATA}; null if it has none
   * @param file where it is, for the message
   * @throws NewerFormatException if it is of a later version
   */
  public void checkMetadata(@Nullable String found, String file) {
    check(found == null ? 0 : Integer.parseInt(found), file);
  }

  /**
   * Checks that a file can be understood.
   *
   * @param found the file's version
   * @param file where it is, for the message
   * @throws NewerFormatException if it is of a later version
   */
  public void check(int found, String file) {
    if (found > version) {
      throw new NewerFormatException(
          "%s has format version %d, but this program reads up to version %d. A newer simclr-beam wrote it: use that one, or a newer one."
              .formatted(file, found, version));
    }
  }
}
