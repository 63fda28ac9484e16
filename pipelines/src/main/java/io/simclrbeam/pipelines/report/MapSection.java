package io.simclrbeam.pipelines.report;

import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import io.simclrbeam.model.map.MapQuality;
import io.simclrbeam.model.map.NeighborGraph;
import io.simclrbeam.model.neighbors.Components;
import io.simclrbeam.pipelines.report.Report.Fact;
import io.simclrbeam.pipelines.report.Report.Group;
import io.simclrbeam.pipelines.report.Report.MapPart;
import io.simclrbeam.pipelines.report.Report.Score;
import io.simclrbeam.pipelines.report.Report.Thumbnail;
import io.simclrbeam.transforms.dataset.Embedding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The map of embeddings, with what can be asked of its points. */
final class MapSection {

  private static final double DUPLICATE = 0.98;
  private static final int MOST_GROUPS = 100;
  private static final int MOST_OF_A_GROUP = 20;

  private static final int LARGEST = 0xFFFF;

  private MapSection() {}

  /**
   * Returns the part of the page, and packs its arrays.
   *
   * @param all number of images in the data set
   * @param neighbors of each to keep
   * @param arrays take what is known of each point
   */
  static MapPart of(
      ImageMap map, long all, int neighbors, @Nullable Thumbnail thumbnail, PackedArrays arrays) {
    List<Embedding> images = map.images();
    NeighborGraph graph = map.graph();
    addPlaces(map.places(), arrays);
    List<String> labels = distinct(images.stream().map(Embedding::label));
    if (!labels.isEmpty()) {
      arrays.addInts("label", "int32", numbers(images.stream().map(Embedding::label), labels));
    }
    List<String> runs = distinct(images.stream().map(MapSection::run));
    arrays.addShorts("run", numbers(images.stream().map(MapSection::run), runs));
    arrays.addShorts("cluster", map.clusters());
    int kept = Math.min(neighbors, graph.k());
    addNeighbors(graph, kept, arrays);
    List<Score> scores = new ArrayList<>();
    arrays.addShorts("score_" + scores.size(), ranks(map.outlier()));
    scores.add(
        new Score(
            "outlier",
            "Rank of the distance to the neighbor number %d. High: little in the data set is like it."
                .formatted(graph.k())));
    if (labels.size() > 1) {
      arrays.addShorts("score_" + scores.size(), ranks(map.labelDisagreement()));
      scores.add(
          new Score(
              "label disagreement",
              "Rank of the share of the %d nearest that have another label. High: the label may be wrong."
                  .formatted(graph.k())));
    }
    arrays.addTexts("ids", map.embeddings().ids());
    return new MapPart(
        images.size(),
        all,
        kept,
        labels,
        runs,
        1 + IntStream.of(map.clusters()).max().orElse(0),
        List.copyOf(scores),
        measures(map.embeddings(), map.places()),
        thumbnail,
        groups(graph),
        "cosine similarity of at least %s".formatted(DUPLICATE),
        arrays.entries());
  }

  private static String run(Embedding image) {
    return image.embeddedAt().toString().replaceFirst("T", " ").replaceFirst("(\\.000)?Z$", " UTC");
  }

  private static List<String> distinct(Stream<? extends @Nullable String> names) {
    return names.filter(Objects::nonNull).map(Objects::requireNonNull).distinct().sorted().toList();
  }

  /** Returns the place of each name in a list; -1 for none. */
  private static int[] numbers(Stream<? extends @Nullable String> names, List<String> all) {
    Map<String, Integer> places = new HashMap<>();
    for (String name : all) {
      places.put(name, places.size());
    }
    return names
        .mapToInt(name -> name == null ? -1 : Objects.requireNonNull(places.get(name)))
        .toArray();
  }

  /** Scales places to the range of the arrays, by the same factor in both directions. */
  private static void addPlaces(double[] places, PackedArrays arrays) {
    double[] least = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
    double[] most = {Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY};
    for (int i = 0; i < places.length; i++) {
      least[i % 2] = Math.min(least[i % 2], places[i]);
      most[i % 2] = Math.max(most[i % 2], places[i]);
    }
    double width = Math.max(Math.max(most[0] - least[0], most[1] - least[1]), Double.MIN_NORMAL);
    for (int axis = 0; axis < 2; axis++) {
      int from = axis;
      double middle = (least[axis] + most[axis]) / 2;
      arrays.addShorts(
          axis == 0 ? "x" : "y",
          IntStream.range(0, places.length / 2)
              .map(i -> (int) Math.round(LARGEST * (0.5 + (places[2 * i + from] - middle) / width)))
              .toArray());
    }
  }

  private static void addNeighbors(NeighborGraph graph, int kept, PackedArrays arrays) {
    int[] rows = new int[graph.size() * kept];
    int[] similarities = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      int at = i / kept * graph.k() + i % kept;
      rows[i] = graph.rows()[at];
      similarities[i] = (int) Math.round(LARGEST * (graph.similarities()[at] + 1) / 2);
    }
    arrays.addInts("neighbors", "uint32", rows);
    arrays.addShorts("similarity", similarities);
  }

  /** Returns for each value how many are below it, on the range of the arrays. */
  static int[] ranks(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int[] ranks = new int[values.length];
    for (int i = 0; i < ranks.length; i++) {
      ranks[i] =
          (int) Math.round((double) LARGEST * below(sorted, values[i]) / (values.length - 1));
    }
    return ranks;
  }

  /** Returns the number of values below one. */
  private static int below(double[] sorted, double value) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) / 2;
      if (sorted[middle] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static List<Fact> measures(LabeledEmbeddings embeddings, double[] places) {
    int k = Math.min(ImageMap.LAYOUT_NEIGHBORS, (embeddings.size() - 1) / 3);
    if (k < 1) {
      return List.of();
    }
    MapQuality quality = MapQuality.of(embeddings, places, k);
    return List.of(
        new Fact(
            "trustworthiness",
            String.format(Locale.ROOT, "%.3f", quality.trustworthiness()),
            "Whether neighbors on the map are neighbors: 1 if all are, about 0.5 by chance."),
        new Fact(
            "neighbors kept",
            String.format(Locale.ROOT, "%.1f %%", 100 * quality.preservation()),
            "Share of the %d nearest images that are among the %d nearest on the map, too."
                .formatted(k, k)));
  }

  /** Returns the largest groups of points that are joined by near duplicates. */
  private static List<Group> groups(NeighborGraph graph) {
    Components components = new Components();
    for (int i = 0; i < graph.size(); i++) {
      components.add();
    }
    for (int i = 0; i < graph.rows().length; i++) {
      if (graph.similarities()[i] >= DUPLICATE) {
        components.join(i / graph.k(), graph.rows()[i]);
      }
    }
    Map<Integer, List<Integer>> byRoot = new TreeMap<>();
    for (int i = 0; i < graph.size(); i++) {
      byRoot.computeIfAbsent(components.root(i), root -> new ArrayList<>()).add(i);
    }
    return byRoot.values().stream()
        .filter(group -> group.size() > 1)
        .sorted(Comparator.comparingInt((List<Integer> group) -> -group.size()))
        .limit(MOST_GROUPS)
        .map(
            group ->
                new Group(
                    group.size(),
                    List.copyOf(group.subList(0, Math.min(MOST_OF_A_GROUP, group.size())))))
        .toList();
  }
}
