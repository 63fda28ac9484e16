package io.simclrbeam.model.neighbors;

import java.util.Arrays;

/**
 * Joins numbered things into connected components (union-find with path halving: Tarjan and van
 * Leeuwen, "Worst-case analysis of set union algorithms", 1984). The root of a component is its
 * lowest number, whatever the order of the joins.
 */
public final class Components {
  private int[] parents = new int[16];
  private int size;

  /** Returns the number of things. */
  public int size() {
    return size;
  }

  /** Adds a thing, a component of its own, and returns its number. */
  public int add() {
    if (size == parents.length) {
      parents = Arrays.copyOf(parents, 2 * size);
    }
    parents[size] = size;
    return size++;
  }

  /** Returns the root of a thing's component. */
  public int root(int thing) {
    int at = thing;
    while (parents[at] != at) {
      parents[at] = parents[parents[at]];
      at = parents[at];
    }
    return at;
  }

  /** Joins the components of two things; returns whether they were two. */
  public boolean join(int one, int other) {
    int rootOne = root(one);
    int rootOther = root(other);
    if (rootOne == rootOther) {
      return false;
    }
    parents[Math.max(rootOne, rootOther)] = Math.min(rootOne, rootOther);
    return true;
  }
}
