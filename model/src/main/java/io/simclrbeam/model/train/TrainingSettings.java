package io.simclrbeam.model.train;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.encoder.Pixels;
import io.simclrbeam.model.encoder.ProjectionHead;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.loss.NtXent;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.optimizer.LearningRate;
import io.simclrbeam.model.optimizer.Optimizer;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Everything that, with the data set, decides the weights a run ends with. Two runs of equal
 * settings on the same images and the same kind of processor give the same bytes.
 *
 * @param encoder one of {@link #encoders()}
 * @param width factor on the encoder's channels
 * @param stem {@code imagenet} or {@code cifar}
 * @param zeroInitResidual whether residual blocks start as the identity
 * @param exifOrientation whether images are turned upright, in training and in use
 * @param views how views are made
 * @param batchSize images, not views, per step
 * @param steps of the whole run; 0 leaves the encoder as initialized
 * @param warmupSteps during which the learning rate rises
 * @param temperature of NT-Xent
 * @param projectionDim size of z
 * @param projectionLayers of the projection head
 * @param optimizer one of {@link #optimizers()}
 * @param nesterov whether sgd looks ahead; of no effect on the others
 * @param learningRate at the end of the warmup
 * @param weightDecay of the optimizer
 * @param precision {@code fp32} or {@code bf16}
 * @param seed of weights, order and views
 */
public record TrainingSettings(
    String encoder,
    double width,
    String stem,
    boolean zeroInitResidual,
    ExifOrientation exifOrientation,
    AugmentSettings views,
    int batchSize,
    long steps,
    long warmupSteps,
    double temperature,
    int projectionDim,
    int projectionLayers,
    String optimizer,
    boolean nesterov,
    double learningRate,
    double weightDecay,
    String precision,
    long seed)
    implements Serializable {

  private static final double MOMENTUM = 0.9;

  /** Returns the names of the encoders. */
  public static List<String> encoders() {
    return Stream.concat(
            Stream.of(ResNet.Depth.values()).map(TrainingSettings::name), Stream.of(Pixels.NAME))
        .toList();
  }

  /** Returns the names of the precisions. */
  public static List<String> precisions() {
    return Stream.of(Precision.values())
        .filter(Precision::isTrainable)
        .map(Precision::code)
        .toList();
  }

  /** Returns the names of the optimizers. */
  public static List<String> optimizers() {
    return List.of("lars", "adamw", "sgd");
  }

  /** Returns the side of a view, and of an image to encode, in pixels. */
  public int imageSize() {
    return views.size();
  }

  /** Returns f. */
  public Encoder createEncoder() {
    return encoder.equals(Pixels.NAME)
        ? new Pixels(imageSize())
        : new ResNet(
            ResNet.Depth.valueOf(constant(encoder)),
            ResNet.Stem.valueOf(constant(stem)),
            width,
            zeroInitResidual);
  }

  /** Returns the training step. */
  public TrainingProgram createProgram() {
    return new TrainingProgram(
        createEncoder(),
        new ProjectionHead(projectionDim, projectionLayers),
        new NtXent(temperature),
        createOptimizer(),
        Normalization.IMAGENET,
        Precision.of(precision));
  }

  /** Returns the learning rate of each step. */
  public LearningRate createLearningRate() {
    return new LearningRate(learningRate, warmupSteps, steps);
  }

  private Optimizer createOptimizer() {
    return switch (optimizer) {
      case "lars" -> new Optimizer.Lars(MOMENTUM, weightDecay, 0.001);
      case "adamw" -> new Optimizer.AdamW(0.9, 0.999, 1e-8, weightDecay);
      case "sgd" -> new Optimizer.Sgd(MOMENTUM, weightDecay, nesterov);
      default ->
          throw new IllegalArgumentException(
              "optimizer must be one of %s, but is %s".formatted(optimizers(), optimizer));
    };
  }

  private static String constant(String name) {
    return name.toUpperCase(Locale.ROOT);
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
