package io.simclrbeam.pipelines.neighbors;

import io.simclrbeam.model.neighbors.Neighbor;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks things up among the images of a data set. */
interface ImageSearch extends Closeable {
  /** Returns the images that have these ids, by their ids; those that are not there are missing. */
  Map<String, Query> find(Set<String> ids) throws IOException;

  /** Returns for each query the k most similar images, the most similar first. */
  List<List<Neighbor>> nearest(List<Query> queries, int k) throws IOException;

  /** Returns the number of images; known once something was searched. */
  long images();

  /** Returns the share of the k nearest that is found, as measured; null where all are. */
  @Nullable Double recall(int k) throws IOException;

  @Override
  void close() throws IOException;
}
