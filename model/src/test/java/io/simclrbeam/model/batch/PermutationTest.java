package io.simclrbeam.model.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.random.SeededRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PermutationTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 15, 16, 17, 1000, 4096, 4097})
  void visitsEveryElementOnceAndKnowsItsPosition(long size) {
    Permutation permutation = new Permutation(size, SeededRandom.of(7, 3));
    long[] elements = LongStream.range(0, size).map(permutation::at).toArray();
    assertThat(LongStream.of(elements).sorted().toArray())
        .isEqualTo(LongStream.range(0, size).toArray());
    for (int position = 0; position < size; position++) {
      assertThat(permutation.positionOf(elements[position])).isEqualTo(position);
    }
  }

  @Test
  void reachesBeyondWhatFitsInMemory() {
    long size = (1L << 40) + 12345;
    Permutation permutation = new Permutation(size, SeededRandom.of(1));
    for (long position : new long[] {0, 1, size / 2, size - 1}) {
      assertThat(permutation.at(position)).isBetween(0L, size - 1);
      assertThat(permutation.positionOf(permutation.at(position))).isEqualTo(position);
    }
  }

  @Test
  void looksRandom() {
    // A random permutation has one fixed point on average, and neighbors a third of n apart.
    int size = 10_000;
    long fixed = 0;
    double distance = 0;
    for (long key = 0; key < 20; key++) {
      Permutation permutation = new Permutation(size, SeededRandom.of(key));
      for (int i = 0; i < size; i++) {
        fixed += permutation.at(i) == i ? 1 : 0;
        distance += Math.abs(permutation.at(i) - permutation.at((i + 1) % size));
      }
    }
    assertThat(fixed).isBetween(5L, 45L);
    assertThat(distance / (20.0 * size)).isBetween(0.32 * size, 0.347 * size);
  }

  @Test
  void keysGiveUnrelatedOrders() {
    Permutation first = new Permutation(5000, SeededRandom.of(1, 0));
    Permutation second = new Permutation(5000, SeededRandom.of(1, 1));
    assertThat(LongStream.range(0, 5000).filter(i -> first.at(i) == second.at(i)).count())
        .isLessThan(10);
  }

  @Test
  void refusesPositionsAndSizesOutOfRange() {
    assertThatThrownBy(() -> new Permutation(0, SeededRandom.of(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Permutation(5, SeededRandom.of(1)).at(5))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
