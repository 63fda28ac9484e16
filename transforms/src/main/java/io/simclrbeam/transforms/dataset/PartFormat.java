package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.embed.VectorFormat;
import java.io.Serializable;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.transforms.display.DisplayData;

/**
 * How a run's part files are written. Readers need not be told: the files say it themselves. A data
 * set may hold runs of several formats.
 *
 * @param files format of the files
 * @param vectors how the numbers of embeddings are stored
 * @param codec how blocks are compressed, one of the {@linkplain FileFormat#codecs format's}
 * @param megabytes about the size of a part, before it is compressed; 0 for as many parts as the
 *     runner likes
 */
public record PartFormat(FileFormat files, VectorFormat vectors, String codec, int megabytes)
    implements Serializable {
  /** Vectors are written where they were made. Parts of a size would be shuffled for it. */
  public static final int USUAL_MEGABYTES = 0;

  private static final int MOST_PARTS = 10_000;

  /** What a record has beside its vector, in bytes, about. */
  private static final long OTHER_BYTES = 250;

  /** Avro with float32: loses nothing, and all readers of Avro can read it. */
  public static final PartFormat DEFAULT =
      new PartFormat(new AvroFileFormat(), VectorFormat.FLOAT32, "deflate");

  /**
   * Checks the codec.
   *
   * @throws IllegalArgumentException if the format does not have it
   */
  public PartFormat {
    if (megabytes < 0) {
      throw new IllegalArgumentException("a part has 0 megabytes or more, not " + megabytes);
    }
    if (!files.codecs().contains(codec)) {
      throw new IllegalArgumentException(
          "%s files have no codec '%s'; they have %s"
              .formatted(files.code(), codec, String.join(", ", files.codecs())));
    }
  }

  /** Makes one with as many parts as the runner likes. */
  public PartFormat(FileFormat files, VectorFormat vectors, String codec) {
    this(files, vectors, codec, USUAL_MEGABYTES);
  }

  /** Returns this with parts of about a size in megabytes, or 0 for what the runner likes. */
  public PartFormat withMegabytes(int other) {
    return new PartFormat(files, vectors, codec, other);
  }

  /** Returns how many parts of the size so many records of a dimension make: 1 or more. */
  int parts(long records, int dimension) {
    long bytes = records * (OTHER_BYTES + (long) dimension * vectors.bytes());
    return (int) Math.max(1, Math.min(MOST_PARTS, Math.round(bytes / (megabytes * 1e6))));
  }

  /** Returns one with the usual codec, or the first of the format if it does not have that. */
  public static PartFormat of(FileFormat files, VectorFormat vectors) {
    String usual = DEFAULT.codec;
    return new PartFormat(
        files, vectors, files.codecs().contains(usual) ? usual : files.codecs().get(0));
  }

  /** Says this for people who look at a pipeline. */
  void addTo(DisplayData.Builder builder) {
    builder
        .add(DisplayData.item("format", files.code()))
        .add(DisplayData.item("vectors", vectors.code()))
        .add(DisplayData.item("codec", codec))
        .add(DisplayData.item("partMegabytes", megabytes));
  }

  /** Returns what writes {@link EmbeddingRecord} records. */
  FileIO.Sink<GenericRecord> sink() {
    return files.sink(EmbeddingRecord.schema(vectors), codec);
  }
}
