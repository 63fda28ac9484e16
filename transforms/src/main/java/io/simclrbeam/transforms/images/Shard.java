package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.coders.SerialCoder;
import io.simclrbeam.transforms.storage.BeamFiles;
import java.io.IOException;
import java.io.Serializable;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.util.Locale;
import org.apache.beam.sdk.coders.DefaultCoder;
import org.apache.beam.sdk.io.FileSystems;

/**
 * A file that holds many images. Its name announces its {@link ShardFormat}.
 *
 * @param id path below the input's root, such as {@code train-00000.tar}
 * @param uri of the file
 */
@DefaultCoder(SerialCoder.class)
public record Shard(String id, String uri) implements Serializable {

  /** Returns the id of a record that has no name of its own, such as {@code a.avro/00000017}. */
  public String recordId(long record) {
    return String.format(Locale.ROOT, "%s/%08d", id, record);
  }

  /**
   * Opens a file for reading from any place.
   *
   * @throws IOException if it cannot be opened, or its file system reads files in a row only
   */
  public static SeekableByteChannel open(String uri) throws IOException {
    ReadableByteChannel opened = BeamFiles.open(FileSystems.matchNewResource(uri, false));
    if (opened instanceof SeekableByteChannel seekable) {
      return seekable;
    }
    opened.close();
    throw new IOException("the file system of " + uri + " cannot read from the middle");
  }
}
