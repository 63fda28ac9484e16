package io.simclrbeam.transforms.remote;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.util.concurrent.atomic.AtomicInteger;

/** A file that is open. A read is served whole. */
final class RemoteChannel implements SeekableByteChannel {
  private final String uri;
  private final byte[] bytes;
  private final AtomicInteger openNow = RemoteFiles.openNow;
  private long position;
  private boolean open = true;

  RemoteChannel(String uri, byte[] bytes) {
    this.uri = uri;
    this.bytes = bytes;
    RemoteFiles.OPENED.incrementAndGet();
    openNow.incrementAndGet();
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    if (position >= bytes.length) {
      return -1;
    }
    int length = (int) Math.min(to.remaining(), bytes.length - position);
    RemoteFiles.REQUESTS.incrementAndGet();
    try {
      RemoteFiles.beforeRead.read(uri, position, position + length);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    to.put(bytes, (int) position, length);
    position += length;
    RemoteFiles.BYTES.addAndGet(length);
    return length;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public SeekableByteChannel position(long newPosition) {
    position = newPosition;
    return this;
  }

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      openNow.decrementAndGet();
    }
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
