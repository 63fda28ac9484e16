package io.simclrbeam.model.evaluate;

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
    int[] classOfRow = classes.indices(train);
    int[] toHoldOut = new int[classes.count()];
    for (int c : classOfRow) {
      toHoldOut[c]++;
    }
    for (int c = 0; c < toHoldOut.length; c++) {
      toHoldOut[c] = toHoldOut[c] < 2 ? 0 : Math.max(1, toHoldOut[c] / PARTS);
    }
    boolean[] held = new boolean[train.size()];
    for (int row : train.shuffledRows()) {
      held[row] = toHoldOut[classOfRow[row]]-- > 0;
    }
    int[] heldOut = IntStream.range(0, held.length).filter(row -> held[row]).toArray();
    int[] fitted = IntStream.range(0, held.length).filter(row -> !held[row]).toArray();
    return new Split(train.select(fitted), heldOut.length == 0 ? null : train.select(heldOut));
  }
}
