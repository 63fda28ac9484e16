package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.images.ShardFormat.OpenFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A file in which the bytes of images lie as they are. */
record PlainFile(SeekableByteChannel channel) implements OpenFile {
  /** Reads the range from the first image to the last as one. */
  @Override
  public List<byte[]> read(List<ImageRef> images) throws IOException {
    long start = images.get(0).offset();
    byte[] range = range(start, (int) (images.get(images.size() - 1).end() - start));
    if (images.size() == 1) {
      return List.of(range);
    }
    List<byte[]> parts = new ArrayList<>(images.size());
    for (ImageRef image : images) {
      parts.add(
          Arrays.copyOfRange(range, (int) (image.offset() - start), (int) (image.end() - start)));
    }
    return parts;
  }

  private byte[] range(long start, int length) throws IOException {
    byte[] bytes = new byte[length];
    channel.position(start);
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException(
            "the file ends %d bytes before the image does".formatted(buffer.remaining()));
      }
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
