package io.simclrbeam.transforms.dedup;

import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;

/** Joins two collections into one. */
final class Both {
  private Both() {}

  static <T> PCollection<T> of(PCollection<T> one, PCollection<T> other) {
    return PCollectionList.of(one).and(other).apply(Flatten.pCollections());
  }
}
