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
 */
public record PartFormat(FileFormat files, VectorFormat vectors, String codec)
    implements Serializable {
  /** Avro with float32: loses nothing, and all readers of Avro can read it. */
  public static final PartFormat DEFAULT =
      new PartFormat(new AvroFileFormat(), VectorFormat.FLOAT32, "deflate");

  /**
   * Checks the codec.
   *
   * @throws IllegalArgumentException if the format does not have it
   */
  public PartFormat {
    if (!files.codecs().contains(codec)) {
      throw new IllegalArgumentException(
          "%s files have no codec '%s'; they have %s"
              .formatted(files.code(), codec, String.join(", ", files.codecs())));
    }
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
        .add(DisplayData.item("codec", codec));
  }

  /** Returns what writes {@link EmbeddingRecord} records. */
  FileIO.Sink<GenericRecord> sink() {
    return files.sink(EmbeddingRecord.schema(vectors), codec);
  }
}
