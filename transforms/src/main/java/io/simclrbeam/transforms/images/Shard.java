package io.simclrbeam.transforms.images;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.util.function.Consumer;
import org.apache.beam.sdk.coders.DefaultCoder;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * A tar file of images.
 *
 * @param id path below the input's root, such as {@code train-00000.tar}
 * @param uri of the file
 */
@DefaultCoder(SerializableCoder.class)
record Shard(String id, String uri) implements Serializable {
  static final String SUFFIX = ".tar";

  /**
   * Finds the files in the shard by reading nothing but their headers.
   *
   * @throws IOException if the shard is damaged; entries before the damage have been found
   */
  void scan(Consumer<ImageRef> found) throws IOException {
    ReadableByteChannel opened = FileSystems.open(FileSystems.matchNewResource(uri, false));
    if (!(opened instanceof SeekableByteChannel channel)) {
      opened.close();
      throw new IOException("its file system cannot read from the middle");
    }
    long size = channel.size();
    try (InputStream in = Channels.newInputStream(channel);
        TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        // Headers are read to the byte, so the channel now stands where the entry's bytes start.
        long offset = channel.position();
        if (entry.getSize() > size - offset) {
          throw new IOException(
              "entry %s claims %d bytes, but only %d follow"
                  .formatted(entry.getName(), entry.getSize(), size - offset));
        }
        if (entry.isFile() && !InputSpec.isHidden(entry.getName())) {
          String name = id + "/" + entry.getName();
          String label = InputSpec.folderName(entry.getName());
          found.accept(new ImageRef(name, uri, offset, entry.getSize(), label));
        }
      }
    }
  }
}
