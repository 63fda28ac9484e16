package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.coders.SerialCoder;
import io.simclrbeam.transforms.storage.BeamFiles;
import java.io.FileNotFoundException;
import java.io.Serializable;
import java.nio.channels.SeekableByteChannel;
import java.util.Locale;
import org.apache.beam.sdk.coders.DefaultCoder;
import org.jspecify.annotations.Nullable;

/**
 * A file that holds many images. Its name announces its {@link ShardFormat}.
 *
 * @param id path below the input's root, such as {@code train-00000.tar}
 * @param uri of the file
 * @param mark of the file, as of {@link FileMark}; null if it has none
 */
@DefaultCoder(SerialCoder.class)
public record Shard(String id, String uri, @Nullable String mark) implements Serializable {
  /** Makes one of a file without a mark. */
  public Shard(String id, String uri) {
    this(id, uri, null);
  }

  /** Returns the id of a record that has no name of its own, such as {@code a.avro/00000017}. */
  public String recordId(long record) {
    return String.format(Locale.ROOT, "%s/%08d", id, record);
  }

  /**
   * Opens a file for reading from any place, as {@link BeamFiles#openSteadily} does. A read that
   * fails says nothing of the file: it ends with an {@link java.io.UncheckedIOException}, which is
   * not to be caught.
   *
   * @throws FileNotFoundException if it is not there
   */
  public static SeekableByteChannel open(String uri) throws FileNotFoundException {
    return BeamFiles.openSteadily(uri);
  }
}
