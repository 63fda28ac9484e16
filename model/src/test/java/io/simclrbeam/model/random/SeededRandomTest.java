package io.simclrbeam.model.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class SeededRandomTest {
  @Test
  void sequenceIsFixedForever() {
    // SplitMix64's reference output for state 0; weights and views of runs depend on it.
    SeededRandom random = SeededRandom.of();
    assertThat(random.nextLong()).isEqualTo(0xE220A8397B1DCDAFL);
    assertThat(random.nextLong()).isEqualTo(0x6E789E6AA1B965F4L);
  }

  @Test
  void everyPartOfTheKeyCounts() {
    long base = SeededRandom.of(1, 2, 3).nextLong();
    assertThat(SeededRandom.of(1, 2, 3).nextLong()).isEqualTo(base);
    assertThat(SeededRandom.of(2, 2, 3).nextLong()).isNotEqualTo(base);
    assertThat(SeededRandom.of(1, 3, 3).nextLong()).isNotEqualTo(base);
    assertThat(SeededRandom.of(1, 2, 4).nextLong()).isNotEqualTo(base);
    assertThat(SeededRandom.of(2, 1, 3).nextLong()).isNotEqualTo(base);
    assertThat(SeededRandom.of(1, 2).nextLong()).isNotEqualTo(base);
    assertThat(SeededRandom.of(0, 1, 2, 3).nextLong()).isNotEqualTo(base);
    assertThat(SeededRandom.of(0).nextLong()).isNotEqualTo(SeededRandom.of(0, 0).nextLong());
  }

  @Test
  void numbersHaveTheMomentsOfTheirDistributions() {
    SeededRandom random = SeededRandom.of(5);
    int n = 200_000;
    double uniform = 0;
    double normal = 0;
    double squares = 0;
    int[] counts = new int[7];
    for (int i = 0; i < n; i++) {
      uniform += random.uniform(2, 4);
      double value = random.nextGaussian();
      normal += value;
      squares += value * value;
      counts[random.nextInt(7)]++;
    }
    assertThat(uniform / n).isCloseTo(3, within(0.01));
    assertThat(normal / n).isCloseTo(0, within(0.01));
    assertThat(squares / n).isCloseTo(1, within(0.02));
    for (int count : counts) {
      assertThat(count).isBetween(n / 7 - 700, n / 7 + 700);
    }
  }

  @Test
  void refusesEmptyRanges() {
    assertThatThrownBy(() -> SeededRandom.of(1).nextLong(0)).hasMessageContaining("0");
  }
}
