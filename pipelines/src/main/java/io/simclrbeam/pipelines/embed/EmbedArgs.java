package io.simclrbeam.pipelines.embed;

import io.simclrbeam.transforms.rejects.RejectLimit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code embed} was asked for. Values are in range; those that are null are to be chosen.
 *
 * @param inputs folders, globs, files or tar shards
 * @param model folder of a finished model
 * @param output folder of the embedding data set
 * @param folderLabels whether the name of an image's folder becomes its label
 * @param batchSize images encoded together, or null
 * @param device {@code auto}, {@code cpu} or {@code cuda:0}
 */
public record EmbedArgs(
    List<String> inputs,
    String model,
    String output,
    boolean folderLabels,
    @Nullable Integer batchSize,
    String device,
    RejectLimit maxRejects) {}
