package io.simclrbeam.transforms.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.checkpoint.CheckpointInterval;
import io.simclrbeam.model.train.ProbePlan;
import io.simclrbeam.model.train.TestSettings;
import io.simclrbeam.model.train.TrainingSettings;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.junit.jupiter.api.Test;

final class TrainingSpecTest {
  private static final TrainingSettings SETTINGS = TestSettings.small().build();

  @Test
  void saysAllThatIsWrong() {
    assertThatThrownBy(
            () ->
                TrainingSpec.of(
                    " ", 5, SETTINGS, CheckpointInterval.ofSteps(1), 8, "cpu", "1a2b3c4d"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the model folder must have a name; a batch of 6 images needs as many, but there are 5;"
                + " the last step must be from 0 to 7, but is 8");
    assertThat(
            TrainingSpec.of(
                    "model/", 6, SETTINGS, CheckpointInterval.ofSteps(1), 7, "cpu", "1a2b3c4d")
                .slicesPerBatch())
        .isEqualTo(1);
  }

  @Test
  void trainingShowsItInARunnersPages() {
    TrainingSpec spec =
        TrainingSpec.of(
            "model/", 50, SETTINGS, CheckpointInterval.ofSteps(2), 5, "cpu", "1a2b3c4d");
    assertThat(displayData(TrainSimclr.of(spec)))
        .containsOnlyKeys(
            "folder",
            "images",
            "batchSize",
            "viewsPerImage",
            "microBatchSize",
            "viewSize",
            "steps",
            "lastStep",
            "checkpointSteps",
            "checkpointTime",
            "precision",
            "seed",
            "device",
            "rounds")
        .containsEntry("folder", "model/")
        .containsEntry("images", 50L)
        .containsEntry("batchSize", 6L)
        .containsEntry("viewsPerImage", 2L)
        .containsEntry("microBatchSize", 0L)
        .containsEntry("viewSize", 16L)
        .containsEntry("steps", 7L)
        .containsEntry("lastStep", 5L)
        .containsEntry("checkpointSteps", 2L)
        .containsEntry("precision", "fp32")
        .containsEntry("seed", 3L)
        .containsEntry("device", "cpu")
        .containsEntry("rounds", false);
    assertThat(displayData(TrainSimclr.of(spec).inRounds().withAccelerator("type:l4")))
        .containsEntry("rounds", true)
        .containsEntry("accelerator", "type:l4");
  }

  @Test
  void probesAreShownWhereThereAreAny() {
    TrainingSpec spec =
        TrainingSpec.of("model/", 50, SETTINGS, CheckpointInterval.ofSteps(2), 5, "cpu", "1a2b3c4d")
            .withProbes(new ProbePlan(3, 20));
    assertThat(displayData(TrainSimclr.of(spec)))
        .containsEntry("probeEpochs", 3L)
        .containsEntry("probeImages", 20L);
  }

  private static Map<String, Object> displayData(TrainSimclr training) {
    return DisplayData.from(training).items().stream()
        .collect(Collectors.toMap(DisplayData.Item::getKey, DisplayData.Item::getValue));
  }
}
