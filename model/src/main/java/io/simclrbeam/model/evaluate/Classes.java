package io.simclrbeam.model.evaluate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The classes of a training set, numbered in the order of their labels.
 *
 * @param names sorted, each different
 */
record Classes(List<String> names) {
  /** The class of a row whose label no training row has: whatever is predicted, it is wrong. */
  static final int UNKNOWN = -1;

  /**
   * Returns the classes of a training set.
   *
   * @throws IllegalArgumentException if a row has no label
   */
  static Classes of(LabeledEmbeddings train) {
    SortedSet<String> names = new TreeSet<>();
    for (String label : labels(train)) {
      names.add(label);
    }
    return new Classes(List.copyOf(names));
  }

  int count() {
    return names.size();
  }

  /**
   * Returns the class of each row, int {@code [n]}, or {@link #UNKNOWN}.
   *
   * @throws IllegalArgumentException if a row has no label
   */
  int[] indices(LabeledEmbeddings embeddings) {
    return labels(embeddings).stream()
        .mapToInt(label -> Math.max(UNKNOWN, Collections.binarySearch(names, label)))
        .toArray();
  }

  /**
   * Returns the part of the rows of a labeled set whose predicted class is theirs, in [0, 1].
   *
   * @param predicted int {@code [n]}
   */
  double accuracy(int[] predicted, LabeledEmbeddings embeddings) {
    int[] actual = indices(embeddings);
    int right = 0;
    for (int i = 0; i < actual.length; i++) {
      if (predicted[i] == actual[i]) {
        right++;
      }
    }
    return (double) right / actual.length;
  }

  private static List<String> labels(LabeledEmbeddings embeddings) {
    List<String> labels = new ArrayList<>(embeddings.size());
    for (int row = 0; row < embeddings.size(); row++) {
      @Nullable String label = embeddings.labels().get(row);
      if (label == null) {
        throw new IllegalArgumentException(
            ("the embedding of %s has no label; evaluation needs one for every image, so label it"
                    + " or leave it out")
                .formatted(embeddings.ids().get(row)));
      }
      labels.add(label);
    }
    return labels;
  }
}
