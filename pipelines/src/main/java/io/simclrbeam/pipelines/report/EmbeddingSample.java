package io.simclrbeam.pipelines.report;

import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.transforms.dataset.CurrentView;
import io.simclrbeam.transforms.dataset.Embedding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Some images of a data set, in the order of their ids. Which ones depends on their ids alone, so a
 * smaller sample is part of a larger one.
 *
 * @param images that were chosen
 * @param all number of images in the data set
 * @param notFinite number of those that were left out, as their embeddings hold infinite numbers or
 *     NaN
 */
record EmbeddingSample(List<Embedding> images, long all, long notFinite) {
  /** As good as random, and the same each time. */
  static final Comparator<Embedding> ORDER =
      Comparator.comparingLong((Embedding image) -> SeededRandom.mix(image.id().hashCode()))
          .thenComparing(Embedding::id);

  /** Reads a data set and keeps at most so many images. */
  static EmbeddingSample of(CurrentView view, int most) throws IOException {
    PriorityQueue<Embedding> chosen = new PriorityQueue<>(ORDER.reversed());
    long[] counts = new long[2];
    view.forEachInOrder(
        image -> {
          counts[0]++;
          if (!isFinite(image.vector())) {
            counts[1]++;
            return;
          }
          chosen.add(image);
          if (chosen.size() > most) {
            chosen.remove();
          }
        });
    List<Embedding> images = new ArrayList<>(chosen);
    images.sort(Comparator.comparing(Embedding::id));
    return new EmbeddingSample(List.copyOf(images), counts[0], counts[1]);
  }

  private static boolean isFinite(float[] vector) {
    for (float number : vector) {
      if (!Float.isFinite(number)) {
        return false;
      }
    }
    return true;
  }
}
