package io.simclrbeam.pipelines.neighbors;

import io.simclrbeam.transforms.dataset.AsOf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code neighbors} was asked for. Values are in range.
 *
 * @param embeddings folder of an embedding data set
 * @param asOf when it is read as of; null for now
 * @param queries ids of images, and image files
 * @param k neighbors of each
 * @param model folder of the model that image files are encoded with, or null
 * @param device to encode on
 * @param search how
 * @param index local folder for graphs, or null: beside the data set
 * @param output JSON file for the results, or null
 * @param sheet picture file to draw the results to, or null
 */
public record NeighborsArgs(
    String embeddings,
    @Nullable AsOf asOf,
    List<String> queries,
    int k,
    @Nullable String model,
    String device,
    Search search,
    @Nullable String index,
    @Nullable String output,
    @Nullable String sheet) {
  /** How images are searched. */
  public enum Search {
    /** Exactly up to a million images, through a graph above. */
    AUTO,
    /** By comparing with every image. */
    EXACT,
    /** Through a graph of near images, which may miss some. */
    HNSW
  }
}
