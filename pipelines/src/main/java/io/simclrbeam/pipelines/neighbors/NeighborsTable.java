package io.simclrbeam.pipelines.neighbors;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Shows neighbors to people. */
final class NeighborsTable {
  private NeighborsTable() {}

  static void print(NeighborsResult result, PrintWriter out) {
    for (NeighborsResult.Answer answer : result.queries()) {
      out.println(answer.label() == null ? answer.query() : answer.query() + "  " + answer.label());
      List<NeighborsResult.Ranked> neighbors = answer.neighbors();
      int ids = neighbors.stream().mapToInt(n -> n.id().length()).max().orElse(0);
      int labels = neighbors.stream().mapToInt(n -> text(n.label()).length()).max().orElse(0);
      String row =
          "%%6s  %%10s  %%-%ds  %%-%ds  %%s".formatted(Math.max(2, ids), Math.max(5, labels));
      out.println(row.formatted("rank", "similarity", "id", "label", "uri"));
      for (NeighborsResult.Ranked neighbor : neighbors) {
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
    Double recall = result.recall();
    out.println(
        recall == null
            ? "Compared with all %d images, embedded by model %s."
                .formatted(result.images(), result.modelId())
            : String.format(
                Locale.ROOT,
                "Searched %d images, embedded by model %s, through a graph: recall@%d is %.3f, measured on %d queries.",
                result.images(),
                result.modelId(),
                result.k(),
                recall,
                IndexedImages.SAMPLE));
  }

  private static String text(@Nullable String label) {
    return label == null ? "-" : label;
  }
}
