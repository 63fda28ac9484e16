package io.simclrbeam.transforms.images;

import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.storage.Sha256;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * Reads the bytes of images. Keeps the last file open, so images of one shard that are read in a
 * row cost a seek each. Not for use by several threads.
 */
public final class ImageReader implements AutoCloseable {
  private @Nullable String uri;
  private @Nullable SeekableByteChannel channel;
  private @Nullable AvroShard records;

  /**
   * Reads an image's bytes.
   *
   * @throws RejectedImageException if they cannot be read, or are not those that were indexed
   */
  public byte[] read(ImageRef image) throws RejectedImageException {
    if (image.length() > Integer.MAX_VALUE - 8) {
      throw new RejectedImageException(
          RejectReason.TOO_LARGE, "a file of " + image.length() + " bytes");
    }
    try {
      ImageRef.BlockRecord record = image.record();
      byte[] bytes =
          record == null
              ? readPart(image)
              : openRecords(image.uri(), record.field()).read(image.offset(), record.number());
      if (image.contentSha256() != null && !image.contentSha256().equals(Sha256.of(bytes))) {
        throw new RejectedImageException(
            RejectReason.CHANGED, "these are not the bytes that were indexed");
      }
      return bytes;
    } catch (IOException e) {
      close();
      throw new RejectedImageException(RejectReason.UNREADABLE, String.valueOf(e.getMessage()));
    }
  }

  private byte[] readPart(ImageRef image) throws IOException {
    byte[] bytes = new byte[(int) image.length()];
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
  }

  private SeekableByteChannel open(String wanted) throws IOException {
    if (channel != null && wanted.equals(uri)) {
      return channel;
    }
    close();
    channel = Shard.open(wanted);
    uri = wanted;
    return channel;
  }

  private AvroShard openRecords(String wanted, String field) throws IOException {
    if (records != null && wanted.equals(uri)) {
      return records;
    }
    close();
    records = AvroShard.open(wanted, field);
    uri = wanted;
    return records;
  }

  @Override
  public void close() {
    uri = null;
    close(channel);
    channel = null;
    close(records);
    records = null;
  }

  private static void close(@Nullable AutoCloseable opened) {
    if (opened != null) {
      try {
        opened.close();
      } catch (Exception e) {
        // It was open for reading only: nothing is lost.
      }
    }
  }
}
