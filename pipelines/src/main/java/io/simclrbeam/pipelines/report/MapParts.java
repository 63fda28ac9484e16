package io.simclrbeam.pipelines.report;

import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import io.simclrbeam.model.map.EmbeddingMap;
import io.simclrbeam.model.map.MapQuality;
import io.simclrbeam.model.map.NeighborGraph;
import io.simclrbeam.model.map.PointScores;
import io.simclrbeam.model.neighbors.Cells;
import io.simclrbeam.model.neighbors.Components;
import io.simclrbeam.model.neighbors.Cosine;
import io.simclrbeam.model.neighbors.SphericalKMeans;
import io.simclrbeam.pipelines.report.Report.Fact;
import io.simclrbeam.pipelines.report.Report.Group;
import io.simclrbeam.pipelines.report.Report.MapPart;
import io.simclrbeam.pipelines.report.Report.Score;
import io.simclrbeam.pipelines.report.Report.Thumbnail;
import io.simclrbeam.transforms.dataset.Embedding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The map of embeddings, with what can be asked of its points. */
final class MapParts {
  /** UMAP's number of neighbors. */
  private static final int LAYOUT_NEIGHBORS = 15;

  private static final int MOST_CLUSTERS = 20;
  private static final int POINTS_OF_A_CLUSTER = 50;
  private static final int CLUSTER_SAMPLE = 10_000;
  private static final int CLUSTER_ITERATIONS = 15;

  private static final double DUPLICATE = 0.98;
  private static final int MOST_GROUPS = 100;
  private static final int MOST_OF_A_GROUP = 20;

  private static final int LARGEST = 0xFFFF;

  private MapParts() {}

  /**
   * Lays out images.
   *
   * @param images at least 3, sorted by id
   * @param all number of images in the data set
   * @param neighbors of each to keep
   * @param arrays take what is known of each point
   */
  static MapPart of(
      List<Embedding> images,
      long all,
      int neighbors,
      long seed,
      @Nullable Thumbnail thumbnail,
      PackedArrays arrays) {
    LabeledEmbeddings embeddings = embeddings(images);
    NeighborGraph graph =
        NeighborGraph.of(
            embeddings.vectors(), embeddings.dimension(), Math.max(LAYOUT_NEIGHBORS, neighbors));
    double[] places = EmbeddingMap.layOut(embeddings, graph, seed);
    addPlaces(places, arrays);
    List<String> labels =
        images.stream()
            .map(Embedding::label)
            .filter(label -> label != null)
            .distinct()
            .sorted()
            .toList();
    if (!labels.isEmpty()) {
      arrays.addInts(
          "label",
          "int32",
          images.stream()
              .mapToInt(image -> image.label() == null ? -1 : labels.indexOf(image.label()))
              .toArray());
    }
    List<String> runs = images.stream().map(MapParts::run).distinct().sorted().toList();
    arrays.addShorts("run", images.stream().mapToInt(image -> runs.indexOf(run(image))).toArray());
    int clusters = addClusters(images, arrays);
    int kept = Math.min(neighbors, graph.k());
    addNeighbors(graph, kept, arrays);
    List<Score> scores = new ArrayList<>();
    arrays.addShorts("score_" + scores.size(), ranks(PointScores.outlier(graph)));
    scores.add(
        new Score(
            "outlier",
            "Rank of the distance to the neighbor number %d. High: little in the data set is like it."
                .formatted(graph.k())));
    if (labels.size() > 1) {
      arrays.addShorts(
          "score_" + scores.size(),
          ranks(PointScores.labelDisagreement(graph, embeddings.labels())));
      scores.add(
          new Score(
              "label disagreement",
              "Rank of the share of the %d nearest that have another label. High: the label may be wrong."
                  .formatted(graph.k())));
    }
    arrays.addTexts("ids", embeddings.ids());
    return new MapPart(
        images.size(),
        all,
        kept,
        labels,
        runs,
        clusters,
        List.copyOf(scores),
        measures(embeddings, places),
        thumbnail,
        groups(graph),
        "cosine similarity of at least %s".formatted(DUPLICATE),
        arrays.entries());
  }

  private static String run(Embedding image) {
    return image.embeddedAt().toString().replaceFirst("T", " ").replaceFirst("(\\.000)?Z$", " UTC");
  }

  private static LabeledEmbeddings embeddings(List<Embedding> images) {
    int dimension = images.get(0).vector().length;
    float[] joined = new float[images.size() * dimension];
    for (int i = 0; i < images.size(); i++) {
      System.arraycopy(images.get(i).vector(), 0, joined, i * dimension, dimension);
    }
    List<@Nullable String> labels = new ArrayList<>();
    images.forEach(image -> labels.add(image.label()));
    return LabeledEmbeddings.of(
        images.stream().map(Embedding::id).toList(), labels, dimension, joined);
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

  private static int addClusters(List<Embedding> images, PackedArrays arrays) {
    int clusters = Math.max(1, Math.min(MOST_CLUSTERS, images.size() / POINTS_OF_A_CLUSTER));
    List<float[]> sample =
        images.stream()
            .sorted(EmbeddingSample.ORDER)
            .map(Embedding::vector)
            .filter(Cosine::hasDirection)
            .limit(CLUSTER_SAMPLE)
            .toList();
    if (sample.isEmpty()) {
      arrays.addShorts("cluster", new int[images.size()]);
      return 1;
    }
    Cells cells = SphericalKMeans.learn(sample, clusters, CLUSTER_ITERATIONS);
    arrays.addShorts("cluster", cells.homes(images.stream().map(Embedding::vector).toList()));
    return cells.size();
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
    int k = Math.min(LAYOUT_NEIGHBORS, (embeddings.size() - 1) / 3);
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
