package io.simclrbeam.pipelines.embed;

import io.simclrbeam.model.embed.VectorFormat;
import io.simclrbeam.model.network.Precision;
import io.simclrbeam.pipelines.index.Source;
import io.simclrbeam.transforms.dataset.FileFormat;
import io.simclrbeam.transforms.dataset.PartFormat;
import io.simclrbeam.transforms.dataset.QualityGates;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
 * @param verifyContent whether files are read that are as they were in an earlier run, going by
 *     what their store says of them
 * @param retryRejects whether files are read again in which an earlier run rejected something
 * @param recordDeletions whether images that are gone are marked as deleted
 * @param canaries images that every run embeds anew; 0 for none
 * @param gates for publication
 * @param compactAfter number of runs since the last base with which they are merged; 0 for never
 * @param openLineage a server's address, or a folder, to tell of the run once it is published; or
 *     null
 * @param patience how long another run may give no sign of life before this one gives it up
 */
public record EmbedArgs(
    Source source,
    String model,
    String output,
    Format format,
    boolean folderLabels,
    @Nullable Integer batchSize,
    String device,
    String accelerator,
    @Nullable Precision precision,
    boolean incremental,
    boolean verifyContent,
    boolean retryRejects,
    boolean recordDeletions,
    int canaries,
    QualityGates gates,
    int compactAfter,
    @Nullable String openLineage,
    Duration patience) {
  /**
   * The files of a new data set, and the codec where its format has it: lossless, and read by all.
   */
  private static final PartFormat USUAL = PartFormat.DEFAULT;

  /**
   * How embeddings are written. What is null is as in the data set, or usual in a new one.
   *
   * @param files format of the files
   * @param vectors how numbers are stored
   * @param codec how blocks are compressed
   * @param megabytes about the size of a part
   */
  public record Format(
      @Nullable FileFormat files,
      @Nullable VectorFormat vectors,
      @Nullable String codec,
      int megabytes) {
    /**
     * Returns the format for a data set.
     *
     * @param known format of the data set's files; null if it has none, or does not say
     * @param knownVectors likewise
     * @throws IllegalArgumentException if another one is asked for, as readers of the data set
     *     would break
     */
    PartFormat in(@Nullable FileFormat known, @Nullable VectorFormat knownVectors) {
      List<String> problems = new ArrayList<>();
      if (files != null && known != null && !files.code().equals(known.code())) {
        problems.add(other("--format", files.code(), known.code()));
      }
      if (vectors != null && knownVectors != null && vectors != knownVectors) {
        problems.add(other("--vectors", vectors.code(), knownVectors.code()));
      }
      if (!problems.isEmpty()) {
        throw new IllegalArgumentException(String.join(System.lineSeparator(), problems));
      }
      PartFormat usual =
          PartFormat.of(
              first(files, known, USUAL.files()), first(vectors, knownVectors, USUAL.vectors()));
      return new PartFormat(
          usual.files(), usual.vectors(), codec == null ? usual.codec() : codec, megabytes);
    }

    private static String other(String option, String asked, String known) {
      return "%s=%s is not that of the data set, which is %s. Leave the option out, or choose another --output."
          .formatted(option, asked, known);
    }

    private static <T> T first(@Nullable T asked, @Nullable T known, T usual) {
      return asked != null ? asked : known != null ? known : usual;
    }
  }

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
