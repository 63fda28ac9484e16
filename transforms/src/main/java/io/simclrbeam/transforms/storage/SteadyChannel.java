package io.simclrbeam.transforms.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.util.BackOff;
import org.apache.beam.sdk.util.BackOffUtils;
import org.apache.beam.sdk.util.FluentBackoff;
import org.apache.beam.sdk.util.Sleeper;
import org.joda.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A file that is read through faults that pass: what fails is tried again, on a channel that is
 * opened anew. What goes on failing ends with an {@link UncheckedIOException}, so that nobody who
 * parses the bytes takes it for damage. A file that is not there is a {@link
 * FileNotFoundException}.
 */
final class SteadyChannel implements SeekableByteChannel {
  /** Waits for 0.1 s, then for about twice as long each time: 25 s in all. */
  private static final FluentBackoff WAITS =
      FluentBackoff.DEFAULT
          .withInitialBackoff(Duration.millis(100))
          .withExponent(2)
          .withMaxRetries(8);

  /** Tests do not wait. */
  static volatile Sleeper sleeper = Sleeper.DEFAULT;

  private interface Opening {
    ReadableByteChannel open() throws IOException;
  }

  private final String file;
  private final Opening opening;
  private @Nullable SeekableByteChannel channel;

  /** Where the channel stands; not always where the next read begins. */
  private long channelPosition;

  private long position;
  private boolean open = true;

  private SteadyChannel(String file, Opening opening) {
    this.file = file;
    this.opening = opening;
  }

  /**
   * Opens a file.
   *
   * @throws FileNotFoundException if it is not there
   * @throws IllegalArgumentException if there is no file system for the address, or it reads files
   *     in a row only
   * @throws UncheckedIOException if it goes on failing
   */
  static SteadyChannel open(String file) throws FileNotFoundException {
    SteadyChannel steady;
    if (LocalPaths.isLocal(file)) {
      Path path = LocalPaths.of(file);
      steady = new SteadyChannel(file, () -> open(path, file));
    } else {
      ResourceId resource = BeamFiles.remote(file);
      steady = new SteadyChannel(file, () -> BeamFiles.open(resource));
    }
    steady.retry(SeekableByteChannel::isOpen);
    return steady;
  }

  /** Opens a local file, also one whose name is no text in this locale. */
  private static ReadableByteChannel open(Path path, String file) throws IOException {
    try {
      if (Files.isDirectory(path)) {
        throw new FileNotFoundException(file + " (Is a directory)");
      }
      return FileChannel.open(path, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new FileNotFoundException(file + " (No such file or directory)");
    } catch (AccessDeniedException e) {
      throw new FileNotFoundException(file + " (Permission denied)");
    }
  }

  @FunctionalInterface
  private interface Work<T> {
    T with(SeekableByteChannel channel) throws IOException;
  }

  private <T> T retry(Work<T> work) throws FileNotFoundException {
    BackOff waits = WAITS.backoff();
    while (true) {
      try {
        return work.with(channel());
      } catch (IllegalArgumentException e) {
        throw e;
      } catch (IOException | RuntimeException e) {
        drop();
        if (e instanceof ClosedByInterruptException || Thread.currentThread().isInterrupted()) {
          throw interrupted(e);
        }
        if (isMissing(e)) {
          throw missing(e);
        }
        if (!waited(waits)) {
          throw new UncheckedIOException(
              e instanceof StorageException known ? known : new StorageException(file, "read", e));
        }
      }
    }
  }

  private SeekableByteChannel channel() throws IOException {
    if (channel == null) {
      ReadableByteChannel opened = opening.open();
      if (!(opened instanceof SeekableByteChannel seekable)) {
        opened.close();
        throw new IllegalArgumentException(
            "the file system of %s cannot read from the middle".formatted(file));
      }
      channel = seekable;
      channelPosition = 0;
    }
    return channel;
  }

  private void drop() {
    try {
      close(channel);
    } catch (IOException | RuntimeException e) {
      // It was open for reading only: nothing is lost.
    }
    channel = null;
  }

  private static void close(@Nullable SeekableByteChannel channel) throws IOException {
    if (channel != null) {
      channel.close();
    }
  }

  private boolean waited(BackOff waits) {
    try {
      return BackOffUtils.next(sleeper, waits);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(e);
    }
  }

  private UncheckedIOException interrupted(Exception cause) {
    InterruptedIOException interrupted =
        new InterruptedIOException("interrupted while reading " + file);
    interrupted.initCause(cause);
    return new UncheckedIOException(interrupted);
  }

  private static boolean isMissing(Exception e) {
    return e instanceof FileNotFoundException
        || e instanceof NoSuchFileException
        || StorageException.isNotFound(e);
  }

  private FileNotFoundException missing(Exception e) {
    if (e instanceof FileNotFoundException said) {
      return said;
    }
    FileNotFoundException missing = new FileNotFoundException(file);
    missing.initCause(e);
    return missing;
  }

  private void checkOpen() throws ClosedChannelException {
    if (!open) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    checkOpen();
    int start = to.position();
    int read =
        retry(
            from -> {
              to.position(start);
              if (channelPosition != position) {
                from.position(position);
                channelPosition = position;
              }
              return from.read(to);
            });
    if (read > 0) {
      position += read;
      channelPosition = position;
    }
    return read;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public SteadyChannel position(long newPosition) {
    if (newPosition < 0) {
      throw new IllegalArgumentException("position %d is before the file".formatted(newPosition));
    }
    position = newPosition;
    return this;
  }

  @Override
  public long size() throws IOException {
    checkOpen();
    return retry(SeekableByteChannel::size);
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() throws IOException {
    open = false;
    close(channel);
    channel = null;
  }

  @Override
  public int write(ByteBuffer from) {
    throw new NonWritableChannelException();
  }

  @Override
  public SeekableByteChannel truncate(long size) {
    throw new NonWritableChannelException();
  }
}
