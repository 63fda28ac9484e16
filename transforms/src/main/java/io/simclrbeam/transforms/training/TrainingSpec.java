package io.simclrbeam.transforms.training;

import io.simclrbeam.model.batch.BatchPlan;
import io.simclrbeam.model.checkpoint.CheckpointInterval;
import io.simclrbeam.model.settings.Problems;
import io.simclrbeam.model.train.ProbePlan;
import io.simclrbeam.model.train.TrainingSettings;
import java.io.Serializable;

/**
 * A training run as its workers know it.
 *
 * @param folder the model folder, with manifest and checkpoints
 * @param images number of images in the manifest
 * @param settings that decide the weights
 * @param checkpoints how far they are apart
 * @param lastStep number of steps done at which this job ends
 * @param device name of the device to train on
 * @param job that {@link TrainingLease#take} gave the folder to
 * @param probes of the encoder while it trains
 */
public record TrainingSpec(
    String folder,
    long images,
    TrainingSettings settings,
    CheckpointInterval checkpoints,
    long lastStep,
    String device,
    String job,
    ProbePlan probes)
    implements Serializable {

  /** Slices stay small enough for any runner to pass on. */
  private static final int SLICE_BYTES = 4 << 20;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if any is out of range, with all of them
   */
  public TrainingSpec {
    new Problems()
        .unless(!folder.isBlank(), "the model folder must have a name")
        .unless(
            images >= settings.batchSize(),
            "a batch of %d images needs as many, but there are %d",
            settings.batchSize(),
            images)
        .unless(
            lastStep >= 0 && lastStep <= settings.steps(),
            "the last step must be from 0 to %d, but is %d",
            settings.steps(),
            lastStep)
        .unless(
            job.matches(TrainingLease.TOKEN),
            "the job must be that of a TrainingLease, such as 1a2b3c4d, but is '%s'",
            job)
        .check();
  }

  /** Returns a run without probes. */
  public static TrainingSpec of(
      String folder,
      long images,
      TrainingSettings settings,
      CheckpointInterval checkpoints,
      long lastStep,
      String device,
      String job) {
    return new TrainingSpec(
        folder, images, settings, checkpoints, lastStep, device, job, ProbePlan.NONE);
  }

  /** Returns this with other {@link #probes}. */
  public TrainingSpec withProbes(ProbePlan other) {
    return new TrainingSpec(folder, images, settings, checkpoints, lastStep, device, job, other);
  }

  /** Returns which images each batch is made of. */
  public BatchPlan plan() {
    return new BatchPlan(images, settings.batchSize(), settings.streams());
  }

  /** Returns the largest number of images in a slice. */
  int imagesPerSlice() {
    return Math.min(settings.batchSize(), Math.max(1, SLICE_BYTES / settings.viewBytes()));
  }

  int slicesPerBatch() {
    return (settings.batchSize() + imagesPerSlice() - 1) / imagesPerSlice();
  }

  /** Returns the place of a slice among those of all steps. */
  long place(long step, int slice) {
    return step * slicesPerBatch() + slice;
  }

  /** Returns the position in the batch of a slice's first image. */
  int firstImage(int slice) {
    return slice * imagesPerSlice();
  }

  /** Returns the position after a slice's last image. */
  int endImage(int slice) {
    return Math.min(settings.batchSize(), (slice + 1) * imagesPerSlice());
  }
}
