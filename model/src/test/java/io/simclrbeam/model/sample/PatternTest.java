package io.simclrbeam.model.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.random.SeededRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PatternTest {
  @ParameterizedTest
  @EnumSource
  void paintsThePartOfThePlaneThatIsAskedFor(Pattern pattern) {
    double[] levels = pattern.quantiles();
    assertThat(levels).isSorted().hasSize(16384);
    SeededRandom random = SeededRandom.of(1);
    int points = 20_000;
    for (double part : new double[] {0.3, 0.5}) {
      double level = levels[(int) (part * levels.length)];
      int below = 0;
      for (int i = 0; i < points; i++) {
        if (pattern.at(random.uniform(-500, 500), random.uniform(-500, 500), i / 100) < level) {
          below++;
        }
      }
      assertThat((double) below / points).isCloseTo(part, Offset.offset(0.02));
    }
  }

  @ParameterizedTest
  @EnumSource
  void repeatsOrFollowsItsKey(Pattern pattern) {
    SeededRandom random = SeededRandom.of(2);
    int sameElsewhere = 0;
    int sameWithAnotherKey = 0;
    for (int i = 0; i < 1000; i++) {
      double u = random.uniform(0, 50);
      double v = random.uniform(0, 50);
      double value = pattern.at(u, v, 7);
      assertThat(pattern.at(u, v, 7)).isEqualTo(value);
      sameElsewhere += Math.abs(pattern.at(u + 4, v + 8, 7) - value) < 1e-9 ? 1 : 0;
      sameWithAnotherKey += pattern.at(u, v, 8) == value ? 1 : 0;
    }
    boolean byChance = pattern == Pattern.BLOBS;
    boolean keyed = byChance || pattern == Pattern.DIAGONAL;
    assertThat(sameElsewhere).isBetween(byChance ? 0 : 1000, byChance ? 600 : 1000);
    assertThat(sameWithAnotherKey).isBetween(keyed ? 0 : 1000, keyed ? 600 : 1000);
  }
}
