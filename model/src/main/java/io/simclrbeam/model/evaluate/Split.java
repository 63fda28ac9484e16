package io.simclrbeam.model.evaluate;

import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Training embeddings cut in two by class: about a fifth of each class, at least one image of those
 * with two or more, is held out. The ids alone decide which ones.
 *
 * @param heldOut null if no class has two images
 */
record Split(LabeledEmbeddings fitted, @Nullable LabeledEmbeddings heldOut) {
  private static final int PARTS = 5;

  static Split of(LabeledEmbeddings train, Classes classes) {
    int[] toHoldOut = sizes(train, classes);
    for (int c = 0; c < toHoldOut.length; c++) {
      toHoldOut[c] = toHoldOut[c] < 2 ? 0 : Math.max(1, toHoldOut[c] / PARTS);
    }
    boolean[] held = take(train, classes, toHoldOut);
    LabeledEmbeddings heldOut = select(train, held, true);
    return new Split(
        Objects.requireNonNull(select(train, held, false), "one of each class is fitted"), heldOut);
  }

  /**
   * Returns a part of each class, at least one image of it. A smaller fraction gives a part of what
   * a larger one gives. The ids alone decide which ones.
   *
   * @param fraction in (0, 1)
   * @throws IllegalArgumentException if it is not, or an image has no label
   */
  static LabeledEmbeddings fraction(LabeledEmbeddings train, double fraction) {
    if (!(fraction > 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "a fraction of the labels is above 0 and below 1, not " + fraction);
    }
    Classes classes = Classes.of(train);
    int[] toTake = sizes(train, classes);
    for (int c = 0; c < toTake.length; c++) {
      toTake[c] = (int) Math.max(1, Math.round(fraction * toTake[c]));
    }
    return Objects.requireNonNull(select(train, take(train, classes, toTake), true));
  }

  private static int[] sizes(LabeledEmbeddings train, Classes classes) {
    int[] sizes = new int[classes.count()];
    for (int c : classes.indices(train)) {
      sizes[c]++;
    }
    return sizes;
  }

  /** Returns for each row whether it is among the first so many of its class. */
  private static boolean[] take(LabeledEmbeddings train, Classes classes, int[] ofClass) {
    int[] classOfRow = classes.indices(train);
    int[] left = ofClass.clone();
    boolean[] taken = new boolean[train.size()];
    for (int row : train.shuffledRows()) {
      taken[row] = left[classOfRow[row]]-- > 0;
    }
    return taken;
  }

  private static @Nullable LabeledEmbeddings select(
      LabeledEmbeddings train, boolean[] taken, boolean wanted) {
    int[] rows = IntStream.range(0, taken.length).filter(row -> taken[row] == wanted).toArray();
    return rows.length == 0 ? null : train.select(rows);
  }
}
