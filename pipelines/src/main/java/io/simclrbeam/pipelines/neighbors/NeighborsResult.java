package io.simclrbeam.pipelines.neighbors;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.simclrbeam.model.neighbors.Neighbor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was found.
 *
 * @param modelId of the embeddings
 * @param search {@code exact} or {@code hnsw}
 * @param images that were searched
 * @param recall share of the k nearest that the search finds, measured on a sample; null if exact
 * @param queries in the order they were given
 */
record NeighborsResult(
    @JsonProperty("model_id") String modelId,
    @JsonProperty("search") String search,
    @JsonProperty("images") long images,
    @JsonProperty("k") int k,
    @JsonProperty("recall") @Nullable Double recall,
    @JsonProperty("queries") List<Answer> queries) {

  /**
   * The neighbors of a query.
   *
   * @param query as it was given
   * @param id null for an image file
   */
  record Answer(
      @JsonProperty("query") String query,
      @JsonProperty("id") @Nullable String id,
      @JsonProperty("label") @Nullable String label,
      @JsonProperty("neighbors") List<Ranked> neighbors) {

    /** Ranks neighbors that come in order; an image is no neighbor of itself. */
    static Answer of(Query query, List<Neighbor> nearest, int k) {
      List<Ranked> ranked = new ArrayList<>();
      for (Neighbor neighbor : nearest) {
        if (!neighbor.id().equals(query.id()) && ranked.size() < k) {
          ranked.add(
              new Ranked(
                  ranked.size() + 1,
                  neighbor.similarity(),
                  neighbor.id(),
                  neighbor.label(),
                  neighbor.uri()));
        }
      }
      return new Answer(query.given(), query.id(), query.label(), List.copyOf(ranked));
    }
  }

  /** A neighbor; the nearest has rank 1. */
  record Ranked(
      @JsonProperty("rank") int rank,
      @JsonProperty("similarity") double similarity,
      @JsonProperty("id") String id,
      @JsonProperty("label") @Nullable String label,
      @JsonProperty("uri") String uri) {}
}
