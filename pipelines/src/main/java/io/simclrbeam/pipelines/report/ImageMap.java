package io.simclrbeam.pipelines.report;

import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import io.simclrbeam.model.map.EmbeddingMap;
import io.simclrbeam.model.map.NeighborGraph;
import io.simclrbeam.model.map.PointScores;
import io.simclrbeam.model.neighbors.Cells;
import io.simclrbeam.model.neighbors.Cosine;
import io.simclrbeam.model.neighbors.SphericalKMeans;
import io.simclrbeam.transforms.dataset.Embedding;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Images, laid out, and what is found of each on the way.
 *
 * @param images n of them, sorted by id
 * @param embeddings of them
 * @param graph of their neighbors
 * @param places double {@code [n, 2]}
 * @param clusters number of the cluster of each, from 0
 * @param outlier as {@link PointScores#outlier} says
 * @param labelDisagreement as {@link PointScores#labelDisagreement} says
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; lists would box every number
record ImageMap(
    List<Embedding> images,
    LabeledEmbeddings embeddings,
    NeighborGraph graph,
    double[] places,
    int[] clusters,
    double[] outlier,
    double[] labelDisagreement) {
  /** UMAP's number of neighbors. */
  static final int LAYOUT_NEIGHBORS = 15;

  private static final int MOST_CLUSTERS = 20;
  private static final int POINTS_OF_A_CLUSTER = 50;
  private static final int CLUSTER_SAMPLE = 10_000;
  private static final int CLUSTER_ITERATIONS = 15;

  /**
   * Lays out images.
   *
   * @param images at least 2, sorted by id
   * @param neighbors of each to find; at least those that the layout needs are
   */
  static ImageMap of(List<Embedding> images, int neighbors, long seed) {
    LabeledEmbeddings embeddings = embeddings(images);
    NeighborGraph graph =
        NeighborGraph.of(
            embeddings.vectors(), embeddings.dimension(), Math.max(LAYOUT_NEIGHBORS, neighbors));
    return new ImageMap(
        images,
        embeddings,
        graph,
        EmbeddingMap.layOut(embeddings, graph, seed),
        clusters(images),
        PointScores.outlier(graph),
        PointScores.labelDisagreement(graph, embeddings.labels()));
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

  private static int[] clusters(List<Embedding> images) {
    int clusters = Math.max(1, Math.min(MOST_CLUSTERS, images.size() / POINTS_OF_A_CLUSTER));
    List<float[]> sample =
        images.stream()
            .sorted(EmbeddingSample.ORDER)
            .map(Embedding::vector)
            .filter(Cosine::hasDirection)
            .limit(CLUSTER_SAMPLE)
            .toList();
    if (sample.isEmpty()) {
      return new int[images.size()];
    }
    Cells cells = SphericalKMeans.learn(sample, clusters, CLUSTER_ITERATIONS);
    return cells.homes(images.stream().map(Embedding::vector).toList());
  }
}
