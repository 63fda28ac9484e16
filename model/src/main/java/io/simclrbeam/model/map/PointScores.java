package io.simclrbeam.model.map;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the neighbors of an embedding say of its image. */
public final class PointScores {
  private PointScores() {}

  /** Returns the cosine distance of each to the last of its neighbors: high for outliers. */
  public static double[] outlier(NeighborGraph graph) {
    return IntStream.range(0, graph.size())
        .mapToDouble(i -> 1 - graph.similarity(i, graph.k() - 1))
        .toArray();
  }

  /**
   * Returns the share of each one's labeled neighbors that have another label than it: high where a
   * label may be wrong. 0 for those without label and those without labeled neighbors.
   *
   * @param labels of the rows, null where not known
   */
  public static double[] labelDisagreement(
      NeighborGraph graph, List<? extends @Nullable String> labels) {
    return IntStream.range(0, graph.size())
        .mapToDouble(i -> disagreement(graph, labels, i))
        .toArray();
  }

  private static double disagreement(
      NeighborGraph graph, List<? extends @Nullable String> labels, int row) {
    String own = labels.get(row);
    List<String> others =
        IntStream.range(0, graph.k())
            .<@Nullable String>mapToObj(rank -> labels.get(graph.row(row, rank)))
            .filter(Objects::nonNull)
            .map(Objects::requireNonNull)
            .toList();
    return own == null || others.isEmpty()
        ? 0
        : (double) others.stream().filter(label -> !label.equals(own)).count() / others.size();
  }
}
