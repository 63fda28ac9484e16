package io.simclrbeam.model.neighbors;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.random.SeededRandom;
import org.junit.jupiter.api.Test;

class ComponentsTest {
  @Test
  void areThoseThatSpreadingTheLowestNumberFinds() {
    int things = 200;
    SeededRandom random = SeededRandom.of(13);
    int[][] pairs = new int[150][];
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] = new int[] {random.nextInt(things), random.nextInt(things)};
    }
    int[] lowest = new int[things];
    for (int i = 0; i < things; i++) {
      lowest[i] = i;
    }
    for (int round = 0; round < things; round++) {
      for (int[] pair : pairs) {
        int low = Math.min(lowest[pair[0]], lowest[pair[1]]);
        lowest[pair[0]] = low;
        lowest[pair[1]] = low;
      }
    }

    Components components = new Components();
    for (int i = 0; i < things; i++) {
      assertThat(components.add()).isEqualTo(i);
    }
    int joined = 0;
    for (int[] pair : pairs) {
      joined += components.join(pair[0], pair[1]) ? 1 : 0;
    }

    int roots = 0;
    for (int i = 0; i < things; i++) {
      assertThat(components.root(i)).isEqualTo(lowest[i]);
      roots += lowest[i] == i ? 1 : 0;
    }
    assertThat(components.size()).isEqualTo(things);
    assertThat(joined).isEqualTo(things - roots).isGreaterThan(100);
  }
}
