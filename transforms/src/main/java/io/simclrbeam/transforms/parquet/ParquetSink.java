package io.simclrbeam.transforms.parquet;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.io.FileIO;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.avro.AvroWriteSupport;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes Avro records as a Parquet file, as Beam's ParquetIO does, but without a configuration of
 * Hadoop, and so without most of its jars. Lists are written in the form of three levels that the
 * format prescribes.
 */
public final class ParquetSink implements FileIO.Sink<GenericRecord> {
  private static final long serialVersionUID = 1;

  /** A row group is held in memory, and a worker may have many files open. */
  private static final long ROW_GROUP_BYTES = 32L << 20;

  private final String schema;
  private final CompressionCodecName codec;
  private transient @Nullable ParquetWriter<GenericRecord> writer;

  private ParquetSink(String schema, CompressionCodecName codec) {
    this.schema = schema;
    this.codec = codec;
  }

  /**
   * Writes records of a schema.
   *
   * @param codec GZIP, ZSTD, SNAPPY or UNCOMPRESSED
   */
  public static ParquetSink of(Schema schema, CompressionCodecName codec) {
    return new ParquetSink(schema.toString(), codec);
  }

  @Override
  public void open(WritableByteChannel channel) throws IOException {
    ParquetConfiguration configuration = new PlainParquetConfiguration();
    configuration.setBoolean(AvroWriteSupport.WRITE_OLD_LIST_STRUCTURE, false);
    writer =
        AvroParquetWriter.<GenericRecord>builder(new ChannelFile(channel))
            .withConf(configuration)
            .withCodecFactory(new PageCodecs())
            .withCompressionCodec(codec)
            .withSchema(new Schema.Parser().parse(schema))
            .withDataModel(GenericData.get())
            .withRowGroupSize(ROW_GROUP_BYTES)
            .build();
  }

  @Override
  public void write(GenericRecord record) throws IOException {
    Objects.requireNonNull(writer).write(record);
  }

  /** Writes the rest, of which the footer is the last; Beam closes the channel. */
  @Override
  public void flush() throws IOException {
    Objects.requireNonNull(writer).close();
  }

  private record ChannelFile(WritableByteChannel channel) implements OutputFile {
    @Override
    public PositionOutputStream create(long blockSizeHint) {
      return new ChannelStream(Channels.newOutputStream(channel));
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) {
      return create(blockSizeHint);
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return 0;
    }
  }

  private static final class ChannelStream extends PositionOutputStream {
    private final OutputStream out;
    private long position;

    ChannelStream(OutputStream out) {
      this.out = out;
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public void write(int value) throws IOException {
      out.write(value);
      position++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      position += length;
    }
  }
}
