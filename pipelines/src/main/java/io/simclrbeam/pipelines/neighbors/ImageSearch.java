package io.simclrbeam.pipelines.neighbors;

import io.simclrbeam.model.neighbors.Neighbor;
import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.JobException;
import io.simclrbeam.transforms.dataset.Embedding;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Searches the images of a data set. */
interface ImageSearch extends Closeable {
  /**
   * An image whose neighbors are wanted.
   *
   * @param given what the user called it
   * @param id in the data set; null for an image file
   * @param uri of the file that it is in
   * @param label its class, or null if none is known
   * @param vector float32 {@code [D]}
   */
  @SuppressWarnings("ArrayRecordComponent") // queries are never compared
  record Query(
      String given, @Nullable String id, String uri, @Nullable String label, float[] vector) {}

  /** Returns images by their ids; unknown ids are left out. */
  Map<String, Query> find(Set<String> ids) throws IOException;

  /** Returns for each query the k most similar images, the most similar first. */
  List<List<Neighbor>> nearest(List<Query> queries, int k) throws IOException;

  /** Returns the number of images; known once something was searched. */
  long images();

  /** Returns the share of the k nearest that is found, as measured; null where all are. */
  @Nullable Double recall(int k) throws IOException;

  @Override
  void close() throws IOException;

  /**
   * Checks that an embedding can be compared.
   *
   * @throws JobException if it has another dimension, or a number that is not finite
   */
  static void check(Embedding image, int dimension) {
    float[] vector = image.vector();
    if (vector.length != dimension) {
      throw new JobException(
          ExitCode.UNUSABLE_INPUT,
          "The embedding of %s has %d numbers and others have %d, but all must have equally many."
              .formatted(image.id(), vector.length, dimension));
    }
    for (float number : vector) {
      if (!Float.isFinite(number)) {
        throw new JobException(
            ExitCode.UNUSABLE_INPUT,
            "The embedding of %s holds %s; every number must be finite."
                .formatted(image.id(), number));
      }
    }
  }
}
