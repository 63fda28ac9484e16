package io.simclrbeam.transforms.training;

import io.simclrbeam.model.checkpoint.Checkpoints;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.Impulse;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;

/**
 * Yields the slices of the steps after the newest checkpoint, in order. A single planner keeps the
 * order close to the trainer's, so that the trainer has little to put right. The time of a slice is
 * its step, in milliseconds, for runners that sort by it.
 */
final class PlanSlices extends PTransform<PBegin, PCollection<SliceRequest>> {
  private static final long serialVersionUID = 1;

  private final TrainingSpec spec;

  private PlanSlices(TrainingSpec spec) {
    this.spec = spec;
  }

  static PlanSlices of(TrainingSpec spec) {
    return new PlanSlices(spec);
  }

  @Override
  public PCollection<SliceRequest> expand(PBegin begin) {
    return begin.apply("Start", Impulse.create()).apply("Plan", ParDo.of(new PlanFn(spec)));
  }

  private static final class PlanFn extends DoFn<byte[], SliceRequest> {
    private final TrainingSpec spec;

    PlanFn(TrainingSpec spec) {
      this.spec = spec;
    }

    @ProcessElement
    public void process(OutputReceiver<SliceRequest> out) throws IOException {
      long first =
          new Checkpoints(new BeamFileStore(spec.folder()))
              .newestStep()
              .orElseThrow(() -> new IllegalStateException("no checkpoint in " + spec.folder()));
      for (long step = first; step < spec.lastStep(); step++) {
        for (int slice = 0; slice < spec.slicesPerBatch(); slice++) {
          out.output(new SliceRequest(first, step, slice));
        }
      }
    }
  }
}
