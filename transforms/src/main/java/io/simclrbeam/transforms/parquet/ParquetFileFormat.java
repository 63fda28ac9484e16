package io.simclrbeam.transforms.parquet;

import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.transforms.dataset.FileFormat;
import io.simclrbeam.transforms.storage.BeamFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.avro.AvroReadSupport;
import org.apache.parquet.avro.AvroWriteSupport;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.InitContext;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Parquet files of Avro records: by columns, for engines that read only some of them. Lists are
 * written in the form of three levels that Parquet prescribes. Beam's ParquetIO would need Hadoop's
 * configuration, and so most of its jars; this needs neither.
 */
public record ParquetFileFormat() implements FileFormat {
  private static final long serialVersionUID = 1;

  @Override
  public String code() {
    return "parquet";
  }

  @Override
  public List<String> codecs() {
    return List.of("deflate", "zstandard", "snappy", "none");
  }

  @Override
  public FileIO.Sink<GenericRecord> sink(Schema schema, String codec) {
    return new Sink(
        schema.toString(),
        switch (codec) {
          case "deflate" -> CompressionCodecName.GZIP; // deflate with a header
          case "zstandard" -> CompressionCodecName.ZSTD;
          case "snappy" -> CompressionCodecName.SNAPPY;
          default -> CompressionCodecName.UNCOMPRESSED;
        });
  }

  @Override
  public void read(ResourceId file, RecordHandler handler) throws IOException {
    try (ParquetReader<GenericRecord> records = new Builder(file).build()) {
      for (GenericRecord record = records.read(); record != null; record = records.read()) {
        handler.accept(record);
      }
    }
  }

  private static final class Sink implements FileIO.Sink<GenericRecord> {
    private static final long serialVersionUID = 1;

    /** A row group is held in memory, and a worker may have many files open. */
    private static final long ROW_GROUP_BYTES = 32L << 20;

    private final String schema;
    private final CompressionCodecName codec;
    private transient @Nullable ParquetWriter<GenericRecord> writer;

    Sink(String schema, CompressionCodecName codec) {
      this.schema = schema;
      this.codec = codec;
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
              .withExtraMetaData(FileKind.EMBEDDING_PART.metadata())
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
  }

  private record ChannelFile(WritableByteChannel channel) implements OutputFile {
    @Override
    public PositionOutputStream create(long blockSizeHint) {
      return new Output(Channels.newOutputStream(channel));
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

  private static final class Output extends PositionOutputStream {
    private final OutputStream out;
    private long position;

    Output(OutputStream out) {
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

  /** Reads records, once the footer has said which version the file is of. */
  private static final class Builder extends ParquetReader.Builder<GenericRecord> {
    private final String file;

    Builder(ResourceId file) {
      super(new ResourceFile(file), new PlainParquetConfiguration());
      this.file = file.toString();
      configuration.setBoolean(AvroReadSupport.AVRO_COMPATIBILITY, false);
      withCodecFactory(new PageCodecs());
    }

    @Override
    protected ReadSupport<GenericRecord> getReadSupport() {
      return new AvroReadSupport<>(GenericData.get()) {
        @Override
        public ReadContext init(InitContext context) {
          context
              .getKeyValueMetadata()
              .getOrDefault(FileKind.METADATA, Set.of())
              .forEach(version -> FileKind.EMBEDDING_PART.checkMetadata(version, file));
          return super.init(context);
        }
      };
    }
  }

  private record ResourceFile(ResourceId file) implements InputFile {
    @Override
    public long getLength() throws IOException {
      return FileSystems.matchSingleFileSpec(file.toString()).sizeBytes();
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      return new ChannelInput(BeamFiles.openSteadily(file.toString()));
    }
  }
}
