package io.simclrbeam.pipelines;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Guesses what a mistyped name was meant to be. */
public final class Spelling {
  /** With its two dashes. */
  private static final int SHORTEST_BEGINNING = 5;

  private Spelling() {}

  /**
   * Returns the name that is fewest edits away, the first of equals; none if all are so far that it
   * would be no help: more than a third of the letters. A name that was not typed to its end is one
   * edit away.
   */
  public static Optional<String> closest(String typed, Collection<String> names) {
    return closest(typed, names, 1).stream().findFirst();
  }

  /** Returns the names that are fewest edits away, but no more than a limit, nearest first. */
  public static List<String> closest(String typed, Collection<String> names, int limit) {
    record Guess(String name, int distance) {}
    int farthest = Math.max(1, typed.length() / 3);
    return names.stream()
        .map(name -> new Guess(name, distance(typed, name)))
        .filter(guess -> guess.distance <= farthest)
        .sorted(Comparator.comparingInt(Guess::distance))
        .limit(limit)
        .map(Guess::name)
        .toList();
  }

  private static int distance(String typed, String name) {
    String from = typed.toLowerCase(Locale.ROOT);
    String to = name.toLowerCase(Locale.ROOT);
    boolean begun = from.length() >= SHORTEST_BEGINNING && to.startsWith(from);
    return begun ? 1 : edits(from, to);
  }

  /**
   * The least number of letters to insert, delete, replace or swap with their neighbor (optimal
   * string alignment: Damerau, "A technique for computer detection and correction of spelling
   * errors", 1964).
   */
  static int edits(String from, String to) {
    int[][] distance = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        if (i == 0 || j == 0) {
          distance[i][j] = i + j;
          continue;
        }
        int replaced = distance[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        int one = Math.min(distance[i - 1][j], distance[i][j - 1]) + 1;
        distance[i][j] = Math.min(replaced, one);
        boolean swapped =
            i > 1
                && j > 1
                && from.charAt(i - 1) == to.charAt(j - 2)
                && from.charAt(i - 2) == to.charAt(j - 1);
        if (swapped) {
          distance[i][j] = Math.min(distance[i][j], distance[i - 2][j - 2] + 1);
        }
      }
    }
    return distance[from.length()][to.length()];
  }
}
