package io.simclrbeam.pipelines.embed;

import io.simclrbeam.model.network.Precision;
import io.simclrbeam.pipelines.index.Source;
import io.simclrbeam.transforms.dataset.PartFormat;
import io.simclrbeam.transforms.dataset.QualityGates;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What {@code embed} was asked for. Values are in range. The job chooses those that are null.
 *
 * @param source where images are
 * @param model folder of a finished model
 * @param output folder of the embedding data set, or a table such as {@code
 *     bq://project.dataset.table}
 * @param format of the files with embeddings
 * @param folderLabels whether the name of an image's folder becomes its label
 * @param batchSize images encoded together, or null
 * @param device {@code auto}, {@code cpu} or {@code cuda:0}
 * @param accelerator what the encoding step asks the runner for; empty for nothing
 * @param precision arithmetic of the encoder, or null
 * @param incremental whether images that an earlier run has embedded are passed over
 * @param recordDeletions whether images that are gone are marked as deleted
 * @param canaries images that every run embeds anew; 0 for none
 * @param gates for publication
 * @param patience how long another run may give no sign of life before this one gives it up
 */
public record EmbedArgs(
    Source source,
    String model,
    String output,
    PartFormat format,
    boolean folderLabels,
    @Nullable Integer batchSize,
    String device,
    String accelerator,
    @Nullable Precision precision,
    boolean incremental,
    boolean recordDeletions,
    int canaries,
    QualityGates gates,
    Duration patience) {

  /** Returns the schemes of the tables that an output can be; empty if there are none. */
  public static String tableSchemes() {
    return TableOutput.schemes();
  }

  /**
   * Checks whether an output can be written to, as far as its name tells, and returns it.
   *
   * @throws IllegalArgumentException if not; the message says why
   */
  public static String checkOutput(String output) {
    TableOutput.of(output);
    return output;
  }
}
