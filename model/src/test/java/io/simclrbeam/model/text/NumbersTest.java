package io.simclrbeam.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NumbersTest {
  @Test
  void oneIsSingular() {
    assertThat(Numbers.count(0, "run")).isEqualTo("0 runs");
    assertThat(Numbers.count(1, "run")).isEqualTo("1 run");
    assertThat(Numbers.count(12_345, "run")).isEqualTo("12,345 runs");
    assertThat(Numbers.count(1, "query")).isEqualTo("1 query");
    assertThat(Numbers.count(2, "query")).isEqualTo("2 queries");
    assertThat(Numbers.count(2, "class")).isEqualTo("2 classes");
    assertThat(Numbers.part(1, 1, "image")).isEqualTo("1 of 1 image");
    assertThat(Numbers.part(0, 2, "image")).isEqualTo("0 of 2 images");
    assertThat(Numbers.part(1_000, 2_000, "image")).isEqualTo("1,000 of 2,000 images");
  }

  @Test
  void timesHaveTheirTwoLargestUnits() {
    assertThat(Numbers.time(0.4)).isEqualTo("0 s");
    assertThat(Numbers.time(59.6)).isEqualTo("1 min 0 s");
    assertThat(Numbers.time(3_599.4)).isEqualTo("59 min 59 s");
    assertThat(Numbers.time(200 * 3_600 + 61)).isEqualTo("200 h 1 min");
  }

  @Test
  void bytesAreInUnitsOfAThousand() {
    assertThat(Numbers.bytes(0)).isEqualTo("0.0 kB");
    assertThat(Numbers.bytes(999_949)).isEqualTo("999.9 kB");
    assertThat(Numbers.bytes(12_345_678)).isEqualTo("12.3 MB");
    assertThat(Numbers.bytes(5_000_000_000L)).isEqualTo("5.0 GB");
  }
}
