package io.simclrbeam.model.batch;

import io.simclrbeam.model.random.SeededRandom;
import java.util.Objects;

/**
 * A pseudorandom permutation of 0..size-1 that needs no memory: each element is computed on the
 * spot, in either direction.
 *
 * <p>A Feistel network of four rounds (Luby and Rackoff, SIAM J. Comput. 17(2), 1988) permutes the
 * smallest power of 4 that holds the range; values outside it are permuted again until one falls
 * inside (cycle walking: Black and Rogaway, "Ciphers with arbitrary finite domains", 2002), at most
 * four times on average.
 */
public final class Permutation {
  private static final int ROUNDS = 4;

  private final long size;
  private final int halfBits;
  private final long[] roundKeys = new long[ROUNDS];

  /**
   * Creates the permutation that the next numbers of a generator give.
   *
   * @throws IllegalArgumentException if the size is not in 1..2^62
   */
  public Permutation(long size, SeededRandom random) {
    if (size < 1 || size > 1L << 62) {
      throw new IllegalArgumentException("size must be in 1..2^62, but is " + size);
    }
    this.size = size;
    this.halfBits = (65 - Long.numberOfLeadingZeros(size - 1)) / 2;
    for (int round = 0; round < ROUNDS; round++) {
      roundKeys[round] = random.nextLong();
    }
  }

  /**
   * Returns the element at a position.
   *
   * @throws IndexOutOfBoundsException if the position is not in 0..size-1
   */
  public long at(long position) {
    long value = Objects.checkIndex(position, size);
    do {
      long left = value >>> halfBits;
      long right = value & mask();
      for (int round = 0; round < ROUNDS; round++) {
        long next = left ^ scramble(right, round);
        left = right;
        right = next;
      }
      value = left << halfBits | right;
    } while (value >= size);
    return value;
  }

  /**
   * Returns the position of an element: {@code positionOf(at(p)) == p}.
   *
   * @throws IndexOutOfBoundsException if the element is not in 0..size-1
   */
  public long positionOf(long element) {
    long value = Objects.checkIndex(element, size);
    do {
      long left = value >>> halfBits;
      long right = value & mask();
      for (int round = ROUNDS - 1; round >= 0; round--) {
        long previous = right ^ scramble(left, round);
        right = left;
        left = previous;
      }
      value = left << halfBits | right;
    } while (value >= size);
    return value;
  }

  private long scramble(long half, int round) {
    return SeededRandom.mix(half + roundKeys[round]) & mask();
  }

  private long mask() {
    return (1L << halfBits) - 1;
  }
}
