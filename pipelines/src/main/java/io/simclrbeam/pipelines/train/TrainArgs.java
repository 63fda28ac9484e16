package io.simclrbeam.pipelines.train;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.checkpoint.CheckpointInterval;
import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.encoder.ProjectionHead;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.loss.Loss;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.optimizer.Optimizer;
import io.simclrbeam.model.optimizer.WarmupCosine;
import io.simclrbeam.model.settings.SettingsVersion;
import io.simclrbeam.model.train.ProbePlan;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.pipelines.index.Source;
import io.simclrbeam.transforms.images.ImageLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What {@code train} was asked for. Values are in range. What is null follows from the images or
 * the device.
 *
 * @param source where images are
 * @param model the output folder
 * @param network what is trained
 * @param optimization how it is trained
 * @param imageSize side of a view in pixels; null for what fits the images
 * @param views how views of a size are made
 * @param following options that were not given, with what follows for them from a size of views
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
    @Nullable Integer imageSize,
    IntFunction<AugmentSettings> views,
    IntFunction<List<String>> following,
    ExifOrientation exifOrientation,
    long seed,
    Work work,
    ImageLimit maxRejects) {
  /** The smallest of the SimCLR paper (figure 9). */
  public static final int USUAL_BATCH = 256;

  /** The views that the network sees at once lie in one buffer. */
  private static final long MOST_BYTES_OF_VIEWS = Integer.MAX_VALUE;

  /**
   * What is trained.
   *
   * @param encoder f for views of a size
   * @param head g
   * @param init the safetensors file or model folder that the encoder begins with; null for new
   *     weights
   */
  public record Network(IntFunction<Encoder> encoder, ProjectionHead head, @Nullable String init) {}

  /**
   * How the network is trained.
   *
   * @param loss what is minimized
   * @param optimizer how gradients change weights
   * @param learningRate at the end of the warmup, which may depend on the batch
   * @param clipNorm the largest norm of all gradients together; 0 for no limit
   * @param warmupEpochs in which the learning rate rises, a tenth of the run at most
   * @param epochs passes over the images, unless steps are given
   * @param steps of training, or null
   * @param batchSize images per step; null for 256, or fewer where there are not as many images
   * @param viewsPerImage views of each image in a batch
   * @param microBatchSize the most images that the network sees at once; 0 for the whole batch
   * @param precision of training; null for the fastest that the device has
   */
  public record Optimization(
      Loss loss,
      Optimizer optimizer,
      LearningRate learningRate,
      double clipNorm,
      int warmupEpochs,
      int epochs,
      @Nullable Long steps,
      @Nullable Integer batchSize,
      int viewsPerImage,
      int microBatchSize,
      @Nullable Precision precision) {}

  /**
   * The learning rate of a batch size.
   *
   * @param value the rate itself, or what it is scaled from
   * @param scaling with the batch size
   */
  public record LearningRate(double value, Scaling scaling) {
    /** How the rate of a batch follows from its size B (SimCLR, appendix B.1). */
    public enum Scaling {
      NONE,
      /** By B / 256. */
      LINEAR,
      /** By the root of B. */
      SQUARE_ROOT
    }

    double of(int batchSize) {
      return switch (scaling) {
        case NONE -> value;
        case LINEAR -> value * batchSize / 256;
        case SQUARE_ROOT -> value * Math.sqrt(batchSize);
      };
    }
  }

  /**
   * How the job is done.
   *
   * @param device {@code auto}, {@code cpu} or {@code cuda:N}
   * @param accelerator what the training step asks the runner for; empty for nothing
   * @param checkpoints how far they are apart
   * @param roundSteps steps of a job, or null
   * @param probes of the encoder while it trains
   */
  public record Work(
      String device,
      String accelerator,
      CheckpointInterval checkpoints,
      @Nullable Long roundSteps,
      ProbePlan probes) {}

  /**
   * Returns the images per step: as many as were asked for, else the largest power of two up to 256
   * that the images fill, but at least 2.
   *
   * @param images number of images in the data set
   */
  public int batchSize(long images) {
    return optimization.batchSize != null
        ? optimization.batchSize
        : Math.max(2, (int) Long.highestOneBit(Math.min(images, USUAL_BATCH)));
  }

  /**
   * Returns why views cannot be of a size, with the other options as they are; empty if they can.
   */
  public List<String> problems(int size) {
    List<String> problems = new ArrayList<>();
    try {
      AugmentSettings unused = views.apply(size);
    } catch (IllegalArgumentException e) {
      problems.add("--blurKernel does not fit --imageSize=%d: %s".formatted(size, e.getMessage()));
    }
    network
        .encoder
        .apply(size)
        .problem(size)
        .ifPresent(
            problem ->
                problems.add("--encoder does not fit --imageSize=%d: %s".formatted(size, problem)));
    boolean inParts = optimization.microBatchSize > 0;
    int images = inParts ? optimization.microBatchSize : batchSize(USUAL_BATCH);
    long bytes = (long) optimization.viewsPerImage * AugmentSettings.viewBytes(size) * images;
    if (bytes > MOST_BYTES_OF_VIEWS) {
      problems.add(
          "--%s=%d with --imageSize=%d and --views=%d makes %.1f GB of views that the network sees at once, but 2.1 GB is the most; lower one of them%s"
              .formatted(
                  inParts ? "microBatchSize" : "batchSize",
                  images,
                  size,
                  optimization.viewsPerImage,
                  bytes / 1e9,
                  inParts ? "" : ", or give --microBatchSize"));
    }
    return problems;
  }

  /** Returns whether there is anything to train. */
  public boolean trains() {
    return !Objects.equals(optimization.steps, 0L);
  }

  /**
   * Decides what was left open, but for what the encoder begins with.
   *
   * @param images number of images in the data set, at least one batch unless nothing is trained
   * @param size side of a view in pixels
   * @param fastBf16 whether the device computes in bfloat16 faster than in float32
   */
  public TrainingSettings settings(long images, int size, boolean fastBf16) {
    Optimization o = optimization;
    int batchSize = batchSize(images);
    long stepsPerEpoch = Math.max(1, images / batchSize);
    long steps = o.steps != null ? o.steps : o.epochs * stepsPerEpoch;
    long warmupSteps = Math.min(o.warmupEpochs * stepsPerEpoch, steps / 10);
    Precision fastest = fastBf16 ? Precision.BF16 : Precision.FP32;
    return new TrainingSettings(
        network.encoder.apply(size),
        network.head,
        o.loss,
        o.optimizer,
        new WarmupCosine(o.learningRate.of(batchSize), warmupSteps),
        views.apply(size),
        exifOrientation,
        batchSize,
        o.viewsPerImage,
        o.microBatchSize,
        steps,
        o.precision != null ? o.precision : fastest,
        seed,
        null,
        o.clipNorm,
        SettingsVersion.NEWEST);
  }
}
