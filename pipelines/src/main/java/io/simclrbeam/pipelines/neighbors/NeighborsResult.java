package io.simclrbeam.pipelines.neighbors;

import io.simclrbeam.model.neighbors.Neighbor;
import io.simclrbeam.model.text.Numbers;
import io.simclrbeam.pipelines.neighbors.ImageSearch.Query;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
    String modelId,
    String search,
    long images,
    int k,
    @Nullable Double recall,
    List<Answer> queries) {

  /**
   * The neighbors of a query.
   *
   * @param query as it was given
   * @param id null for an image file
   */
  record Answer(String query, @Nullable String id, @Nullable String label, List<Ranked> neighbors) {

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
  record Ranked(int rank, double similarity, String id, @Nullable String label, String uri) {}

  /** Shows the neighbors to people. */
  void print(PrintWriter out) {
    for (Answer answer : queries) {
      out.println(answer.label() == null ? answer.query() : answer.query() + "  " + answer.label());
      List<Ranked> neighbors = answer.neighbors();
      int ids = neighbors.stream().mapToInt(n -> n.id().length()).max().orElse(0);
      int labels = neighbors.stream().mapToInt(n -> text(n.label()).length()).max().orElse(0);
      String row =
          "%%6s  %%10s  %%-%ds  %%-%ds  %%s".formatted(Math.max(2, ids), Math.max(5, labels));
      out.println(row.formatted("rank", "similarity", "id", "label", "uri"));
      for (Ranked neighbor : neighbors) {
        out.println(
            row.formatted(
                neighbor.rank(),
                String.format(Locale.ROOT, "%.6f", neighbor.similarity()),
                neighbor.id(),
                text(neighbor.label()),
                neighbor.uri()));
      }
      out.println();
    }
    out.println(
        recall == null
            ? "Compared with %s, embedded by model %s."
                .formatted(Numbers.count(images, "image"), modelId)
            : String.format(
                Locale.ROOT,
                "Searched %s, embedded by model %s, through a graph: recall@%d is %.3f, measured on %s.",
                Numbers.count(images, "image"),
                modelId,
                k,
                recall,
                Numbers.count(IndexedImages.SAMPLE, "query")));
  }

  private static String text(@Nullable String label) {
    return label == null ? "-" : label;
  }
}
