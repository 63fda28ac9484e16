package io.simclrbeam.pipelines.train;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.encoder.ProjectionHead;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.loss.Loss;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.optimizer.Optimizer;
import io.simclrbeam.model.optimizer.WarmupCosine;
import io.simclrbeam.model.settings.SettingsVersion;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.index.Source;
import io.simclrbeam.transforms.images.ImageLimit;
import org.jspecify.annotations.Nullable;

/**
 * What {@code train} was asked for. Values are in range. What is null follows from the images or
 * the device.
 *
 * @param source where images are
 * @param model the output folder
 * @param network what is trained
 * @param optimization how it is trained
 * @param views how views are made
 * @param exifOrientation whether images are turned upright
 * @param seed of weights, order and views
 * @param work how the job is done; the weights do not depend on it
 * @param maxRejects how many images may be unusable
 */
public record TrainArgs(
    Source source,
    String model,
    Network network,
    Optimization optimization,
    AugmentSettings views,
    ExifOrientation exifOrientation,
    long seed,
    Work work,
    ImageLimit maxRejects) {

  /**
   * What is trained.
   *
   * @param encoder f
   * @param head g
   */
  public record Network(Encoder encoder, ProjectionHead head) {}

  /**
   * How the network is trained.
   *
   * @param loss what is minimized
   * @param optimizer how gradients change weights
   * @param learningRate at the end of the warmup
   * @param warmupEpochs in which the learning rate rises, a tenth of the run at most
   * @param epochs passes over the images, unless steps are given
   * @param steps of training, or null
   * @param batchSize images per step
   * @param precision of training; null for the fastest that the device has
   */
  public record Optimization(
      Loss loss,
      Optimizer optimizer,
      double learningRate,
      int warmupEpochs,
      int epochs,
      @Nullable Long steps,
      int batchSize,
      @Nullable Precision precision) {}

  /**
   * How the job is done.
   *
   * @param device {@code auto}, {@code cpu} or {@code cuda:N}
   * @param accelerator what the training step asks the runner for; empty for nothing
   * @param checkpointSteps steps between checkpoints
   * @param roundSteps steps of a job, or null
   */
  public record Work(
      String device, String accelerator, long checkpointSteps, @Nullable Long roundSteps) {}

  /**
   * Decides what was left open.
   *
   * @param images number of images in the data set, at least one batch
   * @param fastBf16 whether the device computes in bfloat16 faster than in float32
   */
  public TrainingSettings settings(long images, boolean fastBf16) {
    Optimization o = optimization;
    long stepsPerEpoch = Math.max(1, images / o.batchSize);
    long steps = o.steps != null ? o.steps : o.epochs * stepsPerEpoch;
    long warmupSteps = Math.min(o.warmupEpochs * stepsPerEpoch, steps / 10);
    Precision fastest = fastBf16 ? Precision.BF16 : Precision.FP32;
    return new TrainingSettings(
        network.encoder,
        network.head,
        o.loss,
        o.optimizer,
        new WarmupCosine(o.learningRate, warmupSteps),
        views,
        exifOrientation,
        o.batchSize,
        steps,
        o.precision != null ? o.precision : fastest,
        seed,
        SettingsVersion.NEWEST);
  }
}
