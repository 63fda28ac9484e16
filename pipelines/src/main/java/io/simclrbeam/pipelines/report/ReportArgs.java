package io.simclrbeam.pipelines.report;

import io.simclrbeam.transforms.dataset.AsOf;
import org.jspecify.annotations.Nullable;

/**
 * What {@code report} was asked for. Values are in range. There is a model or a data set.
 *
 * @param model folder of the model, finished or not; null for none
 * @param embeddings folder of the embedding data set; null for none
 * @param evaluation JSON file of {@code evaluate}; null for none
 * @param points the most images on the map
 * @param neighbors of each that are shown
 * @param seed of the choice of images and of the map
 * @param asOf when the data set is read as of; null for now
 * @param output HTML file
 * @param table Parquet file for the points of the map; null for none
 */
public record ReportArgs(
    @Nullable String model,
    @Nullable String embeddings,
    @Nullable String evaluation,
    int points,
    int neighbors,
    long seed,
    @Nullable AsOf asOf,
    String output,
    @Nullable String table) {}
