package io.simclrbeam.pipelines.embed;

import io.simclrbeam.model.network.Precision;
import io.simclrbeam.pipelines.index.Source;
import io.simclrbeam.transforms.dataset.QualityGates;
import org.jspecify.annotations.Nullable;

/**
 * What {@code embed} was asked for. Values are in range; those that are null are to be chosen.
 *
 * @param source where images are
 * @param model folder of a finished model
 * @param output folder of the embedding data set
 * @param folderLabels whether the name of an image's folder becomes its label
 * @param batchSize images encoded together, or null
 * @param device {@code auto}, {@code cpu} or {@code cuda:0}
 * @param precision arithmetic of the encoder, or null
 * @param incremental whether images that an earlier run has embedded are passed over
 * @param recordDeletions whether images that are gone are marked as deleted
 * @param canaries images that every run embeds anew; 0 for none
 * @param gates for publication
 */
public record EmbedArgs(
    Source source,
    String model,
    String output,
    boolean folderLabels,
    @Nullable Integer batchSize,
    String device,
    @Nullable Precision precision,
    boolean incremental,
    boolean recordDeletions,
    int canaries,
    QualityGates gates) {}
