package io.simclrbeam.transforms.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.checkpoint.CheckpointInterval;
import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.model.train.TestSettings;
import io.simclrbeam.transforms.rejects.Reject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

final class SpilledSlicesTest {
  /** Views so large that each image is a slice. */
  private static final TrainingSpec SPEC =
      TrainingSpec.of(
          "model/",
          6,
          TestSettings.small().views(AugmentSettings.simclr(700)).build(),
          CheckpointInterval.ofSteps(1),
          3,
          "cpu",
          "1a2b3c4d");

  @Test
  void slicesComeBackInTheirPlacesInWhateverOrderTheyWere() throws Exception {
    int each = SPEC.slicesPerBatch();
    List<ViewSlice> slices = new ArrayList<>();
    for (long step = 0; step < 3; step++) {
      for (int slice = 0; slice < each; slice++) {
        byte[] views = new byte[100 * (slice + 1)];
        new Random(10 * step + slice).nextBytes(views);
        slices.add(new ViewSlice(0, step, slice, views, List.of(slice, 7), rejects(slice)));
      }
    }
    List<ViewSlice> shuffled = new ArrayList<>(slices);
    Collections.shuffle(shuffled, new Random(1));
    try (SpilledSlices spilled = SpilledSlices.create(SPEC)) {
      for (ViewSlice slice : shuffled) {
        spilled.put(slice);
      }
      spilled.put(slices.get(0)); // as from a bundle that was repeated
      for (int step = 0; step < 3; step++) {
        List<ViewSlice> found = spilled.get(step);
        assertThat(found).hasSize(each).hasSizeGreaterThan(1);
        for (int slice = 0; slice < each; slice++) {
          ViewSlice expected = slices.get(each * step + slice);
          assertThat(found.get(slice).views()).isEqualTo(expected.views());
          assertThat(found.get(slice))
              .returns((long) step, ViewSlice::step)
              .returns(slice, ViewSlice::slice)
              .returns(List.of(slice, 7), ViewSlice::classes)
              .returns(expected.rejects(), ViewSlice::rejects);
        }
      }
    }
  }

  @Test
  void aStepThatIsNotWholeIsAnError() throws Exception {
    try (SpilledSlices spilled = SpilledSlices.create(SPEC)) {
      spilled.put(new ViewSlice(0, 1, 0, new byte[1], List.of(), List.of()));
      assertThatThrownBy(() -> spilled.get(1)).hasMessageContaining("the views of step 1 are not");
    }
  }

  private static List<GenericRecord> rejects(int count) {
    List<GenericRecord> rejects = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rejects.add(Reject.of("uri-" + i, "id-" + i, "train", RejectReason.EMPTY, "why"));
    }
    return rejects;
  }
}
