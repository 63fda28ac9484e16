package io.simclrbeam.pipelines.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FittingSizeTest {
  @ParameterizedTest
  @CsvSource({
    "1, 32",
    "28, 32",
    "32, 32",
    "40, 32",
    "41, 64",
    "64, 64",
    "80, 64",
    "81, 96",
    "96, 96",
    "112, 96",
    "113, 128",
    "160, 128",
    "161, 224",
    "375, 224",
    "6000, 224"
  })
  void imagesAreNotEnlargedByMuch(int side, int size) {
    assertThat(FittingSize.of(side)).isEqualTo(size);
  }

  @Test
  void theReasonNamesWhatFollowsAndNothingElse() {
    assertThat(FittingSize.describe(28, List.of("--stem=cifar", "--blur=false")))
        .isEqualTo(
            "The images' shorter side is 28 pixels (the median), so --imageSize is 32, and with it"
                + " --stem=cifar --blur=false. --imageSize=N chooses another size.");
    assertThat(FittingSize.describe(500, List.of()))
        .isEqualTo(
            "The images' shorter side is 500 pixels (the median), so --imageSize is 224."
                + " --imageSize=N chooses another size.");
  }
}
