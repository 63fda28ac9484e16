package io.simclrbeam.transforms.dedup;

import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.dataset.TestEmbedding;
import java.util.ArrayList;
import java.util.List;

/** Embeddings in random directions, many of them near, or equal to, others. */
final class PlantedImages {
  private final SeededRandom random;
  private final int dimension;
  private final List<Embedding> images = new ArrayList<>();

  PlantedImages(int dimension, long seed) {
    random = SeededRandom.of(seed);
    this.dimension = dimension;
  }

  List<Embedding> images() {
    return images;
  }

  PlantedImages addRandom(int count) {
    for (int i = 0; i < count; i++) {
      float[] vector = new float[dimension];
      for (int k = 0; k < dimension; k++) {
        vector[k] = (float) random.nextGaussian();
      }
      add(vector);
    }
    return this;
  }

  /** Adds images near any that are there, so that chains arise. */
  PlantedImages addNear(int count, double largestNoise) {
    for (int i = 0; i < count; i++) {
      float[] vector = images.get(random.nextInt(images.size())).vector().clone();
      double noise = random.uniform(0, largestNoise);
      for (int k = 0; k < dimension; k++) {
        vector[k] += (float) (noise * random.nextGaussian());
      }
      add(vector);
    }
    return this;
  }

  PlantedImages addEqual(int count) {
    return addNear(count, 0);
  }

  PlantedImages add(float... vector) {
    int side = 16 + random.nextInt(3); // so that some are as large as others
    images.add(image("image-%04d".formatted(images.size()), side, 20, vector));
    return this;
  }

  static Embedding image(String id, int width, int height, float... vector) {
    return TestEmbedding.of(id, vector).setWidth(width).setHeight(height).build();
  }
}
