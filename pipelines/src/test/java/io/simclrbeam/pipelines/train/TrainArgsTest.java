package io.simclrbeam.pipelines.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.optimizer.WarmupCosine;
import io.simclrbeam.model.train.TestSettings;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.index.Source;
import io.simclrbeam.transforms.images.ImageLimit;
import io.simclrbeam.transforms.images.RecordFields;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class TrainArgsTest {
  @Test
  void theWarmupIsATenthOfTheRunAtMost() {
    assertThat(args(null, null).settings(109, false))
        .returns(1000L, TrainingSettings::steps)
        .returns(new WarmupCosine(0.1, 100), TrainingSettings::schedule);
    assertThat(args(10_000L, null).settings(109, false))
        .returns(10_000L, TrainingSettings::steps)
        .returns(new WarmupCosine(0.1, 100), TrainingSettings::schedule);
    assertThat(args(0L, null).settings(109, false).schedule()).isEqualTo(new WarmupCosine(0.1, 0));
  }

  @Test
  void bfloat16IsTakenWhereItIsFastUnlessOneIsChosen() {
    assertThat(args(null, null).settings(100, false).precision()).isEqualTo(Precision.FP32);
    assertThat(args(null, null).settings(100, true).precision()).isEqualTo(Precision.BF16);
    assertThat(args(null, Precision.FP32).settings(100, true).precision())
        .isEqualTo(Precision.FP32);
  }

  private static TrainArgs args(@Nullable Long steps, @Nullable Precision precision) {
    TrainingSettings small = TestSettings.small().build();
    return new TrainArgs(
        new Source(List.of("images"), RecordFields.AUTO, null),
        "model",
        new TrainArgs.Network(small.encoder(), small.head()),
        new TrainArgs.Optimization(
            small.loss(), small.optimizer(), 0.1, 10, 100, steps, 10, precision),
        small.views(),
        ExifOrientation.IGNORE,
        0,
        new TrainArgs.Work("cpu", "", 500, null),
        new ImageLimit(5, true));
  }
}
