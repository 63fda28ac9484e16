package io.simclrbeam.transforms.parquet;

import io.simclrbeam.transforms.storage.BeamFiles;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;

/** Reads Parquet files as Avro records, without a configuration of Hadoop. */
public final class ParquetFile {
  private ParquetFile() {}

  /** Returns a reader of a file's records. */
  public static ParquetReader<GenericRecord> open(ResourceId file) throws IOException {
    return AvroParquetReader.<GenericRecord>builder(
            new ResourceFile(file), new PlainParquetConfiguration())
        .withDataModel(GenericData.get())
        .withCodecFactory(new PageCodecs())
        .build();
  }

  private record ResourceFile(ResourceId file) implements InputFile {
    @Override
    public long getLength() throws IOException {
      return FileSystems.matchSingleFileSpec(file.toString()).sizeBytes();
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      if (BeamFiles.open(file) instanceof SeekableByteChannel channel) {
        return new ChannelStream(channel);
      }
      throw new IOException(
          "%s cannot be read from any place but its beginning, as Parquet must be; copy it to a"
                  .formatted(file)
              + " local disk or an object store");
    }
  }

  private static final class ChannelStream extends DelegatingSeekableInputStream {
    private final SeekableByteChannel channel;

    ChannelStream(SeekableByteChannel channel) {
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
}
