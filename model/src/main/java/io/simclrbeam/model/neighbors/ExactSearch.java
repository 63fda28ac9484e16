package io.simclrbeam.model.neighbors;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Finds the things most similar to some queries. Things stream by and are not kept. Each is
 * compared with every query, in float32 first, and in double precision if it may be one of the most
 * similar. The result does not depend on their order. Not thread-safe: use one per thread, and join
 * them.
 *
 * @param <T> what a vector stands for
 */
public final class ExactSearch<T> {
  /** From so many queries on, the products of a whole block take less time than one by one. */
  private static final int FEW = 8;

  private final List<float[]> queries;
  private final int k;
  private final UnitColumns columns;
  private final double error;
  private final float[] unit;
  private final float[] products = new float[UnitColumns.WIDTH];

  /** The least similar first; of equals, the last in order. */
  private final Comparator<Hit<T>> worstFirst;

  private final List<PriorityQueue<Hit<T>>> nearest = new ArrayList<>();

  /**
   * Something that is similar to a query.
   *
   * @param similarity as {@link Cosine#similarity} says
   */
  public record Hit<T>(T thing, double similarity) {}

  /**
   * Creates a search.
   *
   * @param queries float32 {@code [d]} vectors with a direction
   * @param k things to find for each, at least 1
   * @param order in which equally similar things come
   */
  public ExactSearch(List<float[]> queries, int k, Comparator<? super T> order) {
    this.queries = List.copyOf(queries);
    this.k = k;
    int dimension = queries.get(0).length;
    columns = new UnitColumns(dimension);
    queries.forEach(columns::add);
    error = 2 * Cosine.floatError(dimension);
    unit = new float[dimension];
    worstFirst =
        Comparator.<Hit<T>>comparingDouble(Hit::similarity)
            .thenComparing(Hit::thing, order.reversed());
    queries.forEach(query -> nearest.add(new PriorityQueue<>(worstFirst)));
  }

  /**
   * Offers a thing.
   *
   * @param vector float32 {@code [d]}; without a direction it has a similarity of 0 to all
   */
  public void offer(T thing, float[] vector) {
    if (queries.size() < FEW || !Cosine.hasDirection(vector)) {
      for (int query = 0; query < queries.size(); query++) {
        compare(query, thing, vector);
      }
      return;
    }
    Cosine.scale(vector, unit);
    for (int block = 0; block < columns.blocks(); block++) {
      columns.multiply(unit, block, products);
      for (int j = 0; j < columns.width(block); j++) {
        int query = block * UnitColumns.WIDTH + j;
        if (products[j] >= leastOf(query) - error) {
          compare(query, thing, vector);
        }
      }
    }
  }

  /** Takes over what another search for the same queries has found. */
  public void join(ExactSearch<T> other) {
    for (int query = 0; query < queries.size(); query++) {
      for (Hit<T> hit : other.nearest.get(query)) {
        keep(query, hit);
      }
    }
  }

  /** Returns for each query the most similar things, the most similar first. */
  public List<List<Hit<T>>> nearest() {
    return nearest.stream()
        .map(hits -> hits.stream().sorted(worstFirst.reversed()).toList())
        .toList();
  }

  private void compare(int query, T thing, float[] vector) {
    double similarity = Cosine.similarity(queries.get(query), vector);
    if (similarity >= leastOf(query)) {
      keep(query, new Hit<>(thing, similarity));
    }
  }

  /** Returns the similarity below which nothing is kept any more. */
  private double leastOf(int query) {
    PriorityQueue<Hit<T>> hits = nearest.get(query);
    return hits.size() < k ? Double.NEGATIVE_INFINITY : hits.element().similarity();
  }

  private void keep(int query, Hit<T> hit) {
    PriorityQueue<Hit<T>> hits = nearest.get(query);
    hits.add(hit);
    if (hits.size() > k) {
      hits.remove();
    }
  }
}
