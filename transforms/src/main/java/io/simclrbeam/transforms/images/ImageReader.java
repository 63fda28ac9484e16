package io.simclrbeam.transforms.images;

import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.model.image.RejectedImageException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import org.apache.beam.sdk.io.FileSystems;
import org.jspecify.annotations.Nullable;

/**
 * Reads the bytes of images. Keeps the last file open, so images of one shard that are read in a
 * row cost a seek each. Not for use by several threads.
 */
public final class ImageReader implements AutoCloseable {
  private @Nullable String uri;
  private @Nullable SeekableByteChannel channel;

  /**
   * Reads an image's bytes.
   *
   * @throws RejectedImageException if they cannot be read
   */
  public byte[] read(ImageRef image) throws RejectedImageException {
    if (image.length() > Integer.MAX_VALUE - 8) {
      throw new RejectedImageException(
          RejectReason.TOO_LARGE, "a file of " + image.length() + " bytes");
    }
    byte[] bytes = new byte[(int) image.length()];
    try {
      SeekableByteChannel in = open(image.uri());
      in.position(image.offset());
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        if (in.read(buffer) < 0) {
          throw new EOFException(
              "the file ends %d bytes before the image does".formatted(buffer.remaining()));
        }
      }
      return bytes;
    } catch (IOException e) {
      close();
      throw new RejectedImageException(RejectReason.UNREADABLE, String.valueOf(e.getMessage()));
    }
  }

  private SeekableByteChannel open(String wanted) throws IOException {
    if (channel != null && wanted.equals(uri)) {
      return channel;
    }
    close();
    ReadableByteChannel opened = FileSystems.open(FileSystems.matchNewResource(wanted, false));
    if (!(opened instanceof SeekableByteChannel seekable)) {
      opened.close();
      throw new IOException("the file system of " + wanted + " cannot read from the middle");
    }
    uri = wanted;
    channel = seekable;
    return seekable;
  }

  @Override
  public void close() {
    uri = null;
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // It was open for reading only: nothing is lost.
      }
      channel = null;
    }
  }
}
