package io.simclrbeam.model.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.random.RandomStreams;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class BatchPlanTest {
  private final BatchPlan plan = new BatchPlan(103, 10, RandomStreams.of(42));

  @Test
  void anEpochHasWholeBatchesOfDifferentImages() {
    assertThat(plan.stepsPerEpoch()).isEqualTo(10);
    Set<Long> seen = new HashSet<>();
    for (long step = 0; step < 10; step++) {
      for (long image : plan.images(step, 0, 10)) {
        assertThat(seen.add(image)).isTrue();
        assertThat(image).isBetween(0L, 102L);
      }
    }
    assertThat(seen).hasSize(100);
  }

  @Test
  void epochsDifferInOrderAndInWhatTheyLeaveOut() {
    Set<Long> everUsed = new HashSet<>();
    for (long step = 0; step < 200; step++) {
      for (long image : plan.images(step, 0, 10)) {
        everUsed.add(image);
      }
    }
    assertThat(everUsed).hasSize(103);
    assertThat(plan.images(0, 0, 10)).isNotEqualTo(plan.images(10, 0, 10));
  }

  @Test
  void aSampleIsOfDifferentImagesAndFollowsFromTheSeed() {
    long[] sample = plan.sample(20);
    assertThat(sample).hasSize(20).isSorted().doesNotHaveDuplicates();
    assertThat(sample[0]).isNotNegative();
    assertThat(sample[19]).isLessThan(103);
    assertThat(new BatchPlan(103, 7, RandomStreams.of(42)).sample(20)).isEqualTo(sample);
    assertThat(new BatchPlan(103, 10, RandomStreams.of(43)).sample(20)).isNotEqualTo(sample);
    assertThat(plan.sample(1000)).hasSize(103).startsWith(0).endsWith(102).doesNotHaveDuplicates();
  }

  @Test
  void slicesAreThePartsOfTheBatch() {
    long[] whole = plan.images(7, 0, 10);
    long[] part = plan.images(7, 3, 8);
    assertThat(part).containsExactly(whole[3], whole[4], whole[5], whole[6], whole[7]);
  }

  @Test
  void knowsInWhichEpochAnImageIsFirstUsed() {
    for (long image = 0; image < 103; image++) {
      assertThat(plan.firstEpoch(image)).isEqualTo(firstEpochBySearch(image));
    }
  }

  private long firstEpochBySearch(long image) {
    for (long step = 0; ; step++) {
      for (long used : plan.images(step, 0, 10)) {
        if (used == image) {
          return plan.epoch(step);
        }
      }
    }
  }

  @Test
  void substitutesTryEveryImage() {
    Set<Long> substitutes = new HashSet<>();
    for (int attempt = 0; attempt < 103; attempt++) {
      substitutes.add(plan.substitute(5, 0, attempt));
    }
    assertThat(substitutes).hasSize(103);
    assertThat(plan.substitute(5, 0, 0)).isEqualTo(plan.substitute(5, 0, 0));
  }

  @Test
  void refusesBatchesLargerThanTheDataSet() {
    assertThatThrownBy(() -> new BatchPlan(9, 10, RandomStreams.of(0)))
        .hasMessageContaining("10")
        .hasMessageContaining("9");
  }
}
