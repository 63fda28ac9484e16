package io.simclrbeam.model.neighbors;

import io.simclrbeam.model.random.SeededRandom;
import java.util.ArrayList;
import java.util.List;

/** Vectors in random directions and of random lengths. */
final class RandomVectors {
  private final SeededRandom random;
  private final int dimension;

  RandomVectors(int dimension, long seed) {
    random = SeededRandom.of(seed, dimension);
    this.dimension = dimension;
  }

  float[] next() {
    float[] vector = new float[dimension];
    double length = random.uniform(0.1, 10);
    for (int k = 0; k < dimension; k++) {
      vector[k] = (float) (length * random.nextGaussian());
    }
    return vector;
  }

  List<float[]> next(int count) {
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      vectors.add(next());
    }
    return vectors;
  }

  /** Returns a vector at about an angle, in radians, from another. */
  float[] near(float[] vector, double angle) {
    float[] other = next();
    double squares = 0;
    double squaresOther = 0;
    for (int k = 0; k < dimension; k++) {
      squares += vector[k] * vector[k];
      squaresOther += other[k] * other[k];
    }
    // In high dimensions the other is about orthogonal.
    double share = Math.tan(angle) * Math.sqrt(squares / squaresOther);
    float[] near = new float[dimension];
    for (int k = 0; k < dimension; k++) {
      near[k] = (float) (vector[k] + share * other[k]);
    }
    return near;
  }

  /** Returns vectors of which many are near others, at angles of up to a limit. */
  List<float[]> clustered(int count, double largestAngle) {
    List<float[]> vectors = new ArrayList<>(next(Math.max(1, count / 4)));
    while (vectors.size() < count) {
      float[] other = vectors.get(random.nextInt(vectors.size()));
      vectors.add(near(other, random.uniform(0, largestAngle)));
    }
    return vectors;
  }
}
