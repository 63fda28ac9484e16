package io.simclrbeam.transforms.embedding;

import java.io.Serializable;

/**
 * An embedding run as its workers know it.
 *
 * @param modelFolder folder of a finished model
 * @param modelId the first 12 digits of the encoder's SHA-256
 * @param runFolder {@code OUTPUT/model=MODEL_ID/run=TIME/}
 * @param folderLabels whether the name of an image's folder becomes its label
 * @param batchSize images encoded together
 * @param device name of the device to encode on
 * @param startedAtMillis when the run began, in milliseconds since 1970
 */
public record EmbeddingSpec(
    String modelFolder,
    String modelId,
    String runFolder,
    boolean folderLabels,
    int batchSize,
    String device,
    long startedAtMillis)
    implements Serializable {}
