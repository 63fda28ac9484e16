package io.simclrbeam.model.train;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.auto.value.AutoBuilder;
import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.encoder.Encoder;
import io.simclrbeam.model.encoder.ProjectionHead;
import io.simclrbeam.model.encoder.ResNet;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.loss.Loss;
import io.simclrbeam.model.loss.NtXent;
import io.simclrbeam.model.network.Normalization;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.model.optimizer.Lars;
import io.simclrbeam.model.optimizer.Optimizer;
import io.simclrbeam.model.optimizer.Schedule;
import io.simclrbeam.model.optimizer.WarmupCosine;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.settings.Problems;
import io.simclrbeam.model.settings.SettingsVersion;
import io.simclrbeam.model.storage.Json;
import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that, with the data set, decides the weights a run ends with. Two runs of equal
 * settings on the same images and the same kind of processor give the same bytes.
 *
 * <pre>{@code
 * TrainingSettings settings =
 *     TrainingSettings.simclr(32)
 *         .encoder(new ResNet(ResNet.Depth.RESNET18, ResNet.Stem.CIFAR, 0.25, true))
 *         .batchSize(64)
 *         .steps(1000)
 *         .build();
 * }</pre>
 *
 * @param encoder f
 * @param head g
 * @param loss what is minimized
 * @param optimizer how gradients change weights
 * @param schedule the learning rate of each step
 * @param views how views are made
 * @param exifOrientation whether images are turned upright, in training and in use
 * @param batchSize images, not views, per step, at least 2
 * @param viewsPerImage views of each image in a batch, from 2 to {@value #MOST_VIEWS}
 * @param microBatchSize the most images that the network sees at once, at least 2: the loss is that
 *     of the whole batch, and so is its gradient, but BatchNorm's statistics are those of each
 *     part. 0 for the whole batch
 * @param steps of the whole run; 0 leaves the encoder as initialized
 * @param precision the arithmetic of training
 * @param seed of weights, order and views
 * @param init what the encoder began with; null for new weights
 * @param clipNorm the largest norm of all gradients together; larger ones are scaled down to it. 0
 *     for no limit
 * @param version of what the settings leave unsaid
 */
public record TrainingSettings(
    Encoder encoder,
    ProjectionHead head,
    Loss loss,
    Optimizer optimizer,
    Schedule schedule,
    AugmentSettings views,
    ExifOrientation exifOrientation,
    int batchSize,
    @JsonProperty(defaultValue = "2") int viewsPerImage,
    @JsonProperty(defaultValue = "0") int microBatchSize,
    long steps,
    Precision precision,
    long seed,
    @Nullable StartingWeights init,
    @JsonProperty(defaultValue = "0") double clipNorm,
    @JsonProperty(defaultValue = "v1") SettingsVersion version)
    implements Serializable {

  /** More would be a batch of few images. */
  public static final int MOST_VIEWS = 16;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if any is out of range, with all of them
   */
  public TrainingSettings {
    new Problems()
        .unless(batchSize >= 2, "batch size must be at least 2, but is %d", batchSize)
        .unless(
            viewsPerImage >= 2 && viewsPerImage <= MOST_VIEWS,
            "views of an image must be from 2 to %d, but are %d",
            MOST_VIEWS,
            viewsPerImage)
        .unless(
            microBatchSize == 0 || microBatchSize >= 2,
            "micro-batch size must be 0 or at least 2, but is %d",
            microBatchSize)
        .unless(steps >= 0, "steps must be at least 0, but are %d", steps)
        .unless(clipNorm >= 0, "norm to clip at must be at least 0, but is %s", clipNorm)
        .unless(precision.isTrainable(), "nothing can be trained in %s", precision.code())
        .add(encoder.problem(views.size()))
        .check();
  }

  /**
   * Returns SimCLR's settings for a size of views: ResNet-50, two layers to a projection of 128,
   * NT-Xent at temperature 0.5, LARS, batches of 256 (the paper's section 2.1 and appendix B). The
   * run is of 1,000 steps, a tenth of them warmup, unless said otherwise.
   */
  public static Builder simclr(int imageSize) {
    boolean small = AugmentSettings.isSmall(imageSize);
    return new AutoBuilder_TrainingSettings_Builder()
        .encoder(
            new ResNet(
                ResNet.Depth.RESNET50, small ? ResNet.Stem.CIFAR : ResNet.Stem.IMAGENET, 1, true))
        .head(ProjectionHead.of(128, 2))
        .loss(new NtXent(0.5))
        .optimizer(Lars.of(1e-6))
        .schedule(new WarmupCosine(0.3, 100))
        .views(AugmentSettings.simclr(imageSize))
        .exifOrientation(ExifOrientation.IGNORE)
        .batchSize(256)
        .viewsPerImage(2)
        .microBatchSize(0)
        .steps(1000)
        .precision(Precision.FP32)
        .seed(0)
        .clipNorm(0)
        .version(SettingsVersion.NEWEST);
  }

  /** Returns a builder that begins with these settings. */
  public Builder toBuilder() {
    return new AutoBuilder_TrainingSettings_Builder(this);
  }

  /** Changes single settings; see {@link TrainingSettings} for what they mean. */
  @AutoBuilder(ofClass = TrainingSettings.class)
  public abstract static class Builder {
    public abstract Builder encoder(Encoder encoder);

    public abstract Builder head(ProjectionHead head);

    public abstract Builder loss(Loss loss);

    public abstract Builder optimizer(Optimizer optimizer);

    public abstract Builder schedule(Schedule schedule);

    public abstract Builder views(AugmentSettings views);

    public abstract Builder exifOrientation(ExifOrientation exifOrientation);

    public abstract Builder batchSize(int batchSize);

    public abstract Builder viewsPerImage(int viewsPerImage);

    public abstract Builder microBatchSize(int microBatchSize);

    public abstract Builder steps(long steps);

    public abstract Builder precision(Precision precision);

    public abstract Builder seed(long seed);

    public abstract Builder init(@Nullable StartingWeights init);

    public abstract Builder clipNorm(double clipNorm);

    public abstract Builder version(SettingsVersion version);

    /**
     * Returns the settings.
     *
     * @throws IllegalArgumentException if any is out of range, with all of them
     */
    public abstract TrainingSettings build();
  }

  /**
   * Reads settings as a file holds them.
   *
   * @param formatVersion of the file; settings of version 0 are flat
   * @throws JsonProcessingException if a value is missing, unknown or out of range
   */
  public static TrainingSettings read(JsonNode json, int formatVersion)
      throws JsonProcessingException {
    return formatVersion == 0
        ? FlatSettings.read(json)
        : Json.MAPPER.treeToValue(json, TrainingSettings.class);
  }

  /** Returns the side of a view, and of an image to encode, in pixels. */
  public int imageSize() {
    return views.size();
  }

  /** Returns the random numbers of weights, order and views. */
  public RandomStreams streams() {
    return new RandomStreams(seed, version);
  }

  /** Returns what is done to pixels before the encoder. */
  public Normalization normalization() {
    return Normalization.IMAGENET;
  }

  /** Returns the bytes of an image's views, uint8 {@code [K, size, size, 3]}. */
  public int viewBytes() {
    return viewsPerImage * views.viewBytes();
  }

  /**
   * Returns the numbers of images that the network sees at once: the whole batch, or as few parts
   * as {@link #microBatchSize} allows, of sizes that differ by at most one.
   */
  public List<Integer> microBatches() {
    int most = microBatchSize == 0 ? batchSize : microBatchSize;
    int parts = (batchSize + most - 1) / most;
    return IntStream.range(0, parts).map(part -> (batchSize + part) / parts).boxed().toList();
  }

  /** Returns the training step. */
  public TrainingProgram program() {
    return new TrainingProgram(
        encoder,
        imageSize(),
        viewsPerImage,
        head,
        loss,
        optimizer,
        clipNorm,
        normalization(),
        precision,
        version);
  }
}
