package io.simclrbeam.pipelines.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.index.Source;
import io.simclrbeam.transforms.images.RecordFields;
import io.simclrbeam.transforms.rejects.RejectLimit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TrainArgsTest {
  @ParameterizedTest
  @CsvSource({"64, cifar", "65, imagenet"})
  void smallImagesGetTheStemForCifar(int imageSize, String stem) {
    TrainingSettings settings = args(imageSize, 256, null, "lars", "auto").settings(1000, false);
    assertThat(settings.stem()).isEqualTo(stem);
  }

  @ParameterizedTest
  @CsvSource({
    "lars, auto, 1.2, 1e-6, true",
    "lars, sqrt, 2.4, 1e-6, true",
    "sgd, auto, 0.12, 5e-4, true",
    "adamw, auto, 1e-3, 1e-4, false",
    "adamw, 0.5, 0.5, 1e-4, false"
  })
  void everyOptimizerHasItsDefaults(
      String optimizer, String rate, double learningRate, double decay, boolean zeroInit) {
    TrainingSettings settings = args(32, 1024, null, optimizer, rate).settings(5000, false);
    assertThat(settings.learningRate()).isEqualTo(learningRate);
    assertThat(settings.weightDecay()).isEqualTo(decay);
    assertThat(settings.zeroInitResidual()).isEqualTo(zeroInit);
  }

  @Test
  void theWarmupIsATenthOfTheRunAtMost() {
    assertThat(args(32, 10, null, "lars", "auto").settings(109, false))
        .returns(1000L, TrainingSettings::steps)
        .returns(100L, TrainingSettings::warmupSteps);
    assertThat(args(32, 10, 10_000L, "lars", "auto").settings(109, false))
        .returns(10_000L, TrainingSettings::steps)
        .returns(100L, TrainingSettings::warmupSteps);
    assertThat(args(32, 10, 0L, "lars", "auto").settings(109, false).warmupSteps()).isZero();
  }

  @Test
  void bfloat16IsTakenWhereItIsFast() {
    assertThat(args(32, 10, null, "lars", "auto").settings(100, false).precision())
        .isEqualTo("fp32");
    assertThat(args(32, 10, null, "lars", "auto").settings(100, true).precision())
        .isEqualTo("bf16");
  }

  private static TrainArgs args(
      int imageSize, int batchSize, @Nullable Long steps, String optimizer, String learningRate) {
    return new TrainArgs(
        new Source(List.of("images"), RecordFields.AUTO, null),
        "model",
        "resnet18",
        1,
        null,
        null,
        ExifOrientation.IGNORE,
        AugmentSettings.simclr(imageSize),
        batchSize,
        100,
        steps,
        0.5,
        128,
        2,
        optimizer,
        false,
        learningRate,
        null,
        10,
        null,
        "cpu",
        "",
        0,
        500,
        null,
        new RejectLimit(5, true));
  }
}
