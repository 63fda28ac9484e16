package io.simclrbeam.pipelines.neighbors;

import io.simclrbeam.model.neighbors.HnswIndex;
import io.simclrbeam.model.neighbors.Neighbor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Searches through a graph of near images. The recall of the search is measured once. */
final class IndexedImages implements ImageSearch {
  private static final Logger LOG = LoggerFactory.getLogger(IndexedImages.class);

  /** Queries that the recall is measured on: a share of 0.95 is known to about 0.01. */
  static final int SAMPLE = 100;

  private final HnswIndex index;
  private final Path folder;

  private IndexedImages(HnswIndex index, Path folder) {
    this.index = index;
    this.folder = folder;
  }

  static IndexedImages open(Path folder) throws IOException {
    return new IndexedImages(HnswIndex.open(folder), folder);
  }

  @Override
  public Map<String, Query> find(Set<String> ids) throws IOException {
    Map<String, Query> found = new HashMap<>();
    for (String id : ids) {
      HnswIndex.Image image = index.image(id);
      if (image != null) {
        found.put(id, new Query(id, id, image.uri(), image.label(), image.vector()));
      }
    }
    return found;
  }

  @Override
  public List<List<Neighbor>> nearest(List<Query> queries, int k) throws IOException {
    List<List<Neighbor>> nearest = new ArrayList<>();
    for (Query query : queries) {
      nearest.add(index.search(query.vector(), k));
    }
    return nearest;
  }

  @Override
  public long images() {
    return index.size();
  }

  /** Keeps what it measures beside the index. */
  @Override
  public Double recall(int k) throws IOException {
    Path file = folder.resolve("recall-%d.txt".formatted(k));
    if (Files.exists(file)) {
      return Double.valueOf(Files.readString(file).strip());
    }
    LOG.info(
        "Comparing {} queries with all images, to see what the search through the graph finds.",
        SAMPLE);
    double recall = index.recall(k, SAMPLE, 0);
    Files.writeString(file, recall + "\n");
    return recall;
  }

  @Override
  public void close() throws IOException {
    index.close();
  }
}
