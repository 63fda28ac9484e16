package io.simclrbeam.transforms.embedding;

import io.simclrbeam.model.network.Precision;
import io.simclrbeam.transforms.dataset.QualityGates;
import io.simclrbeam.transforms.dataset.RunSpec;
import java.io.Serializable;

/**
 * An embedding run as its workers know it.
 *
 * @param run that is written
 * @param modelFolder folder of a finished model
 * @param folderLabels whether the name of an image's folder becomes its label
 * @param batchSize images encoded together
 * @param device name of the device to encode on
 * @param accelerator what the encoding step asks the runner for, as in Beam's resource hint; empty
 *     for nothing
 * @param precision arithmetic of the encoder
 * @param comparing whether images that an earlier run has embedded are looked for
 * @param recordDeletions whether images that are gone are marked as deleted
 * @param canaries images whose embeddings are compared from run to run
 * @param gates for publication
 */
public record EmbeddingSpec(
    RunSpec run,
    String modelFolder,
    boolean folderLabels,
    int batchSize,
    String device,
    String accelerator,
    Precision precision,
    boolean comparing,
    boolean recordDeletions,
    int canaries,
    QualityGates gates)
    implements Serializable {}
