package io.simclrbeam.transforms.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.transforms.dataset.Canaries.Reference;
import io.simclrbeam.transforms.dataset.Canaries.Report;
import java.util.List;
import org.junit.jupiter.api.Test;

class CanariesTest {
  private static final List<float[]> BEFORE =
      List.of(new float[] {1, 0}, new float[] {1, 0.1f}, new float[] {0, 1});

  private static Report compare(float[]... vectors) {
    return Canaries.compare(List.of(vectors), BEFORE, "cpu", Reference.SAME_HARDWARE);
  }

  @Test
  void bitsAndNeighborsAreCompared() {
    assertThat(compare(new float[] {1, 0}, new float[] {1, 0.1f}, new float[] {0, 1}))
        .isEqualTo(new Report(3, 3, 0, "cpu", Reference.SAME_HARDWARE));
    assertThat(compare(new float[] {2, 0}, new float[] {2, 0.2f}, new float[] {0, 2}))
        .as("twice as long")
        .isEqualTo(new Report(3, 0, 0, "cpu", Reference.SAME_HARDWARE));
    assertThat(compare(new float[] {1, 0}, new float[] {0.1f, 1}, new float[] {0, 1}))
        .as("the second is near the third now")
        .isEqualTo(new Report(3, 2, 1, "cpu", Reference.SAME_HARDWARE));
  }

  /** A vector of zeros is similar to none, but its neighbors are found all the same. */
  @Test
  void aVectorWithoutDirectionHidesNoOther() {
    assertThat(compare(new float[] {1, 0}, new float[] {0, 0}, new float[] {1, 1}))
        .isEqualTo(new Report(3, 1, 2, "cpu", Reference.SAME_HARDWARE));
  }
}
