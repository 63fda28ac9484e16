package io.simclrbeam.transforms.parquet;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import org.apache.parquet.io.DelegatingSeekableInputStream;

/** Reads a channel for Parquet. */
final class ChannelInput extends DelegatingSeekableInputStream {
  private final SeekableByteChannel channel;

  ChannelInput(SeekableByteChannel channel) {
    super(Channels.newInputStream(channel));
    this.channel = channel;
  }

  @Override
  public long getPos() throws IOException {
    return channel.position();
  }

  @Override
  public void seek(long position) throws IOException {
    channel.position(position);
  }
}
