package io.simclrbeam.model.map;

import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import io.simclrbeam.model.random.Purpose;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.random.SeededRandom;

/**
 * A map of embeddings in the plane, by UMAP (arXiv 1802.03426) on the exact graph of neighbors,
 * started from the first two principal components. It is a function of the embeddings, their order
 * and the seed: the same bytes each time, on any machine. One thread does it, as points move one
 * after the other.
 *
 * <p>The similarity of two points of the map is {@code 1 / (1 + 1.5 d^2)}. That is UMAP's curve of
 * {@code min_dist} 0.1 with the exponent 1, which needs no power function.
 */
public final class EmbeddingMap {
  private static final double SPREAD = 1.5;

  /** Points pushed away for each that is drawn near. */
  private static final int PUSHES = 5;

  /** The most that a coordinate moves at once, before the learning rate. */
  private static final double CLIP = 4;

  /** Keeps a push from dividing by zero. */
  private static final double SOFTENING = 1e-3;

  /** Half the width of the map at the start. */
  private static final double START = 10;

  /** Separates equal embeddings at the start. */
  private static final double NOISE = 1e-4;

  private static final int SMALL = 10_000;
  private static final int SMALL_EPOCHS = 500;
  private static final int EPOCHS = 200;

  private EmbeddingMap() {}

  /**
   * Lays out embeddings.
   *
   * @param graph of their neighbors; UMAP takes 15 of each
   * @param seed of the layout
   * @return double {@code [n, 2]}, x and y of each row
   */
  public static double[] layOut(LabeledEmbeddings embeddings, NeighborGraph graph, long seed) {
    RandomStreams random = RandomStreams.of(seed);
    double[] places = start(principalComponents(embeddings), random.stream(Purpose.MAP, 0));
    if (graph.size() > 2) {
      optimize(places, FuzzyEdges.of(graph), random.stream(Purpose.MAP, 1));
    }
    return places;
  }

  /**
   * Projects embeddings, scaled to norm 1, on the two directions in which they differ most.
   *
   * @return double {@code [n, 2]}
   */
  public static double[] principalComponents(LabeledEmbeddings embeddings) {
    return PrincipalAxes.of(embeddings).project(embeddings);
  }

  private static double[] start(double[] components, SeededRandom random) {
    double largest = 0;
    for (double place : components) {
      largest = Math.max(largest, Math.abs(place));
    }
    double scale = largest > 0 ? START / largest : 0;
    double[] places = new double[components.length];
    for (int i = 0; i < places.length; i++) {
      places[i] = scale * components[i] + NOISE * random.nextGaussian();
    }
    return places;
  }

  /**
   * Draws the ends of edges together, each edge as often as its weight says, and pushes them away
   * from random points.
   */
  private static void optimize(double[] places, FuzzyEdges edges, SeededRandom random) {
    int points = places.length / 2;
    int epochs = points <= SMALL ? SMALL_EPOCHS : EPOCHS;
    double heaviest = 0;
    for (double weight : edges.weights()) {
      heaviest = Math.max(heaviest, weight);
    }
    double[] interval = new double[edges.weights().length];
    double[] due = new double[interval.length];
    for (int e = 0; e < interval.length; e++) {
      interval[e] = heaviest / edges.weights()[e];
      due[e] = interval[e];
    }
    for (int epoch = 0; epoch < epochs; epoch++) {
      double rate = 1 - (double) epoch / epochs;
      for (int e = 0; e < due.length; e++) {
        if (due[e] <= epoch + 1) {
          due[e] += interval[e];
          int head = 2 * edges.heads()[e];
          pull(places, head, 2 * edges.tails()[e], rate);
          for (int i = 0; i < PUSHES; i++) {
            push(places, head, 2 * random.nextInt(points), rate);
          }
        }
      }
    }
  }

  private static void pull(double[] places, int head, int tail, double rate) {
    double x = places[head] - places[tail];
    double y = places[head + 1] - places[tail + 1];
    double factor = -2 * SPREAD / (1 + SPREAD * (x * x + y * y));
    double moveX = rate * clipped(factor * x);
    double moveY = rate * clipped(factor * y);
    places[head] += moveX;
    places[head + 1] += moveY;
    places[tail] -= moveX;
    places[tail + 1] -= moveY;
  }

  private static void push(double[] places, int head, int other, double rate) {
    if (head == other) {
      return;
    }
    double x = places[head] - places[other];
    double y = places[head + 1] - places[other + 1];
    double squares = x * x + y * y;
    double factor = 2 / ((SOFTENING + squares) * (1 + SPREAD * squares));
    places[head] += rate * clipped(factor * x);
    places[head + 1] += rate * clipped(factor * y);
  }

  private static double clipped(double move) {
    return Math.max(-CLIP, Math.min(CLIP, move));
  }
}
