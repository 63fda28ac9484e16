package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.embed.VectorFormat;
import java.io.Serializable;

/**
 * How a run's part files are written. Readers need not be told: the files say it themselves, and a
 * data set may hold runs of several formats.
 *
 * @param files what they are
 * @param vectors how the numbers of embeddings are stored
 * @param codec how blocks are compressed
 */
public record PartFormat(FileFormat files, VectorFormat vectors, PartCodec codec)
    implements Serializable {
  /** Loses nothing, and all readers of Avro can read it. */
  public static final PartFormat DEFAULT =
      new PartFormat(FileFormat.AVRO, VectorFormat.FLOAT32, PartCodec.DEFLATE);
}
