package io.simclrbeam.transforms.embedding;

import com.google.auto.value.AutoBuilder;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.transforms.dataset.QualityGates;
import io.simclrbeam.transforms.dataset.RunSpec;
import java.io.Serializable;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.transforms.resourcehints.ResourceHints;

/**
 * An embedding run as its workers know it.
 *
 * <pre>{@code
 * EmbeddingSpec spec =
 *     EmbeddingSpec.builder(run, "gs://bucket/model/").batchSize(32).canaries(64).build();
 * }</pre>
 *
 * @param run that is written
 * @param modelFolder folder of a finished model
 * @param folderLabels whether the name of an image's folder becomes its label
 * @param maxPixels a picture of more pixels is rejected
 * @param batchSize images encoded together
 * @param device name of the device to encode on
 * @param accelerator what the steps that encode ask the runner for, as in Beam's resource hint;
 *     empty for nothing
 * @param precision arithmetic of the encoder
 * @param comparing whether images that an earlier run has embedded are looked for
 * @param recordDeletions whether images that are gone are marked as deleted
 * @param canaries images whose embeddings are compared from run to run
 * @param gates for publication
 */
public record EmbeddingSpec(
    RunSpec run,
    String modelFolder,
    boolean folderLabels,
    long maxPixels,
    int batchSize,
    String device,
    String accelerator,
    Precision precision,
    boolean comparing,
    boolean recordDeletions,
    int canaries,
    QualityGates gates)
    implements Serializable {
  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public EmbeddingSpec {
    if (batchSize < 1 || canaries < 0) {
      throw new IllegalArgumentException(
          "a batch of %d images and %d canaries: a batch has at least 1 image, and canaries are at least 0"
              .formatted(batchSize, canaries));
    }
  }

  /**
   * Returns a builder of a run that embeds all images 8 at a time in float32, on the device that is
   * there, without labels, comparison, canaries and gates.
   */
  public static Builder builder(RunSpec run, String modelFolder) {
    return new AutoBuilder_EmbeddingSpec_Builder()
        .run(run)
        .modelFolder(modelFolder)
        .folderLabels(false)
        .maxPixels(ImageDecoder.MAX_STORED_PIXELS)
        .batchSize(8)
        .device("auto")
        .accelerator("")
        .precision(Precision.FP32)
        .comparing(false)
        .recordDeletions(false)
        .canaries(0)
        .gates(QualityGates.NONE);
  }

  /** Changes single values; see {@link EmbeddingSpec} for what they mean. */
  @AutoBuilder(ofClass = EmbeddingSpec.class)
  public abstract static class Builder {
    abstract Builder run(RunSpec run);

    abstract Builder modelFolder(String modelFolder);

    public abstract Builder folderLabels(boolean folderLabels);

    public abstract Builder maxPixels(long maxPixels);

    public abstract Builder batchSize(int batchSize);

    public abstract Builder device(String device);

    public abstract Builder accelerator(String accelerator);

    public abstract Builder precision(Precision precision);

    public abstract Builder comparing(boolean comparing);

    public abstract Builder recordDeletions(boolean recordDeletions);

    public abstract Builder canaries(int canaries);

    public abstract Builder gates(QualityGates gates);

    /**
     * Returns the run.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public abstract EmbeddingSpec build();
  }

  /** Returns what a step that encodes asks the runner for. */
  ResourceHints hints() {
    ResourceHints none = ResourceHints.create();
    return accelerator.isEmpty() ? none : none.withAccelerator(accelerator);
  }

  /** Says this for people who look at a pipeline. */
  void addTo(DisplayData.Builder builder) {
    builder
        .add(DisplayData.item("model", modelFolder))
        .add(DisplayData.item("run", run.folder()))
        .add(DisplayData.item("batchSize", batchSize))
        .add(DisplayData.item("device", device))
        .add(DisplayData.item("precision", precision.code()))
        .add(DisplayData.item("comparing", comparing))
        .add(DisplayData.item("recordDeletions", recordDeletions))
        .add(DisplayData.item("canaries", canaries));
  }
}
