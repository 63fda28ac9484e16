package io.simclrbeam.transforms.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * A file for one process, in the folder for temporary files ({@code java.io.tmpdir}). It has no
 * name on Linux and macOS, so it is gone with the process.
 */
public final class TemporaryFile implements Closeable {
  private final Path folder;
  private final FileChannel channel;

  private TemporaryFile(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Makes an empty file.
   *
   * @param kind end of its name
   */
  public static TemporaryFile create(String kind) throws IOException {
    Path path = Files.createTempFile("simclr-", "." + kind);
    return new TemporaryFile(
        Objects.requireNonNull(path.getParent()),
        FileChannel.open(
            path,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE));
  }

  /** Returns the file to read it. */
  public FileChannel channel() {
    return channel;
  }

  /**
   * Writes all of a buffer.
   *
   * @throws StorageException with the name of the folder if that fails, as when its disk is full
   */
  public void write(ByteBuffer bytes, long position) throws IOException {
    try {
      long at = position;
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    } catch (IOException e) {
      throw new StorageException("A temporary file in " + folder, "written", e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
