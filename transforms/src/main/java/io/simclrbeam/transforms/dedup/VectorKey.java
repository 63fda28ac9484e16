package io.simclrbeam.transforms.dedup;

import java.util.Arrays;

/** A vector that equals those of the same numbers. */
@SuppressWarnings("ArrayRecordComponent") // equality is that of the numbers
record VectorKey(float[] vector) {
  @Override
  public boolean equals(Object other) {
    return other instanceof VectorKey key && Arrays.equals(vector, key.vector);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(vector);
  }
}
