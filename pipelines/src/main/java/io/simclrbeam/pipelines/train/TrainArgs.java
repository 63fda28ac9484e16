package io.simclrbeam.pipelines.train;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.index.Source;
import io.simclrbeam.transforms.rejects.RejectLimit;
import org.jspecify.annotations.Nullable;

/**
 * What {@code train} was asked for. Values are in range; those that are null are to be chosen.
 *
 * @param source where images are
 * @param model the output folder
 * @param exifOrientation whether images are turned upright
 * @param views how views are made
 * @param stem {@code imagenet}, {@code cifar} or null
 * @param epochs passes over the images, unless steps are given
 * @param steps of training, or null
 * @param learningRate a number, {@code auto}, or {@code sqrt}
 * @param precision {@code fp32}, {@code bf16} or null
 * @param device {@code auto}, {@code cpu} or {@code cuda:0}
 * @param accelerator what the training step asks the runner for; empty for nothing
 * @param checkpointSteps steps between checkpoints
 * @param roundSteps steps of a job, or null
 */
public record TrainArgs(
    Source source,
    String model,
    String encoder,
    double width,
    @Nullable String stem,
    @Nullable Boolean zeroInitResidual,
    ExifOrientation exifOrientation,
    AugmentSettings views,
    int batchSize,
    int epochs,
    @Nullable Long steps,
    double temperature,
    int projectionDim,
    int projectionLayers,
    String optimizer,
    boolean nesterov,
    String learningRate,
    @Nullable Double weightDecay,
    int warmupEpochs,
    @Nullable String precision,
    String device,
    String accelerator,
    long seed,
    long checkpointSteps,
    @Nullable Long roundSteps,
    RejectLimit maxRejects) {

  /** The largest image that SimCLR's settings for CIFAR-10 are made for, in pixels. */
  private static final int SMALL_IMAGE = 64;

  /**
   * Decides what was left open.
   *
   * @param images number of images in the data set, at least one batch
   * @param fastBf16 whether the device computes in bfloat16 faster than in float32
   */
  TrainingSettings settings(long images, boolean fastBf16) {
    boolean small = views.size() <= SMALL_IMAGE;
    long stepsPerEpoch = Math.max(1, images / batchSize);
    long allSteps = steps != null ? steps : epochs * stepsPerEpoch;
    return new TrainingSettings(
        encoder,
        width,
        stem != null ? stem : small ? "cifar" : "imagenet",
        zeroInitResidual != null ? zeroInitResidual : !optimizer.equals("adamw"),
        exifOrientation,
        views,
        batchSize,
        allSteps,
        Math.min(warmupEpochs * stepsPerEpoch, allSteps / 10),
        temperature,
        projectionDim,
        projectionLayers,
        optimizer,
        nesterov,
        resolveLearningRate(),
        weightDecay != null ? weightDecay : defaultWeightDecay(),
        precision != null ? precision : fastBf16 ? "bf16" : "fp32",
        seed);
  }

  /** SimCLR's rules for LARS (section 2.1 and appendix B.1); common choices for the others. */
  private double resolveLearningRate() {
    return switch (learningRate) {
      case "sqrt" -> 0.075 * Math.sqrt(batchSize);
      case "auto" ->
          switch (optimizer) {
            case "lars" -> 0.3 * batchSize / 256;
            case "sgd" -> 0.03 * batchSize / 256;
            default -> 1e-3;
          };
      default -> Double.parseDouble(learningRate);
    };
  }

  private double defaultWeightDecay() {
    return switch (optimizer) {
      case "lars" -> 1e-6;
      case "sgd" -> 5e-4;
      default -> 1e-4;
    };
  }
}
