package io.simclrbeam.transforms.dataset;

import java.io.Serializable;
import java.util.Map;

/**
 * A run of an embedding data set that is to be written.
 *
 * @param dataset folder of the data set
 * @param modelId the first 12 digits of the encoder's SHA-256
 * @param name of the run: its start as {@code yyyyMMdd'T'HHmmss'Z'}, and random digits
 * @param startedAtMillis when the run began, in milliseconds since 1970
 * @param dimension numbers in an embedding
 * @param settings by option name, for the manifest
 * @param versions of the software, for the manifest
 */
public record RunSpec(
    String dataset,
    String modelId,
    String name,
    long startedAtMillis,
    int dimension,
    Map<String, String> settings,
    Map<String, String> versions)
    implements Serializable {

  /**
   * Checks the dimension.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public RunSpec {
    if (dimension < 1) {
      throw new IllegalArgumentException("an embedding has at least 1 number, not " + dimension);
    }
  }

  /** Returns the folder of all runs of the model; ends in a slash. */
  public String modelFolder() {
    return DatasetLayout.modelFolder(dataset, modelId);
  }

  /** Returns the folder of the run; ends in a slash. */
  public String folder() {
    return DatasetLayout.runFolder(dataset, modelId, name);
  }
}
