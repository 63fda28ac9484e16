package io.simclrbeam.transforms.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ImageProgressTest {
  private static final long SECOND = 1_000_000_000;

  private final List<String> lines = new ArrayList<>();
  private long nanos = 5 * SECOND;

  @Test
  void saysEveryTenSecondsHowFarItIsAndHowFastItWasSince() {
    ImageProgress progress = new ImageProgress("job", "embedded", () -> nanos, lines::add);
    progress.add(1000);
    nanos += 9 * SECOND;
    progress.add(500);
    assertThat(lines).isEmpty();
    nanos += SECOND;
    progress.add(500);
    assertThat(lines).containsExactly("2,000 images embedded, 200 images/s");
    nanos += 20 * SECOND;
    progress.add(100);
    assertThat(lines).last().isEqualTo("2,100 images embedded, 5 images/s");
  }

  @Test
  void theThreadsOfAJobShareItUntilTheLastOneLeaves() {
    ImageProgress first = ImageProgress.enter("a", "embedded");
    ImageProgress second = ImageProgress.enter("a", "embedded");
    ImageProgress other = ImageProgress.enter("b", "embedded");
    assertThat(second).isSameAs(first).isNotSameAs(other);
    first.leave();
    assertThat(ImageProgress.enter("a", "embedded")).isSameAs(first);
    first.leave();
    second.leave();
    assertThat(ImageProgress.enter("a", "embedded")).isNotSameAs(first);
  }
}
