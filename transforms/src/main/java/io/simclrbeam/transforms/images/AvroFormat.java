package io.simclrbeam.transforms.images;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.SeekableInput;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Avro container files whose records have an image in a field of type bytes. Blocks may be
 * compressed, so the address of an image is its block and the number of its record in there.
 */
public final class AvroFormat implements ShardFormat {
  @Override
  public List<String> suffixes() {
    return List.of(".avro");
  }

  /** Finds images by reading the whole file. */
  @Override
  public void scan(Shard shard, RecordFields fields, Found found) throws IOException {
    try (SeekableByteChannel channel = Shard.open(shard.uri());
        DataFileReader<GenericRecord> records = openRecords(channel, new GenericDatumReader<>())) {
      Schema schema = records.getSchema();
      String imageField = imageField(schema, fields.image());
      @Nullable String labelField = labelField(schema, fields.label());
      long block = -1;
      int inBlock = 0;
      for (long record = 0; guarded(records::hasNext); record++) {
        inBlock = records.previousSync() == block ? inBlock + 1 : 0;
        block = records.previousSync();
        GenericRecord values = guarded(records::next);
        Object image = values.get(imageField);
        Object label = labelField == null ? null : values.get(labelField);
        found.image(
            new ImageRef(
                shard.recordId(record),
                shard.uri(),
                block,
                image == null ? 0 : ((ByteBuffer) image).remaining(),
                new ImageRef.BlockRecord(imageField, inBlock),
                label == null ? null : label.toString(),
                null));
      }
      // Avro takes a file that was cut off for one that has ended.
      if (records.previousSync() != channel.size()) {
        throw new EOFException("it ends within the block at byte " + records.previousSync());
      }
    }
  }

  private interface Reading<T> {
    T get() throws IOException;
  }

  /**
   * Reads what may be damaged. Avro trusts the numbers in a file. It throws whatever exception they
   * lead to, and allocates as much memory as they say.
   */
  private static <T> T guarded(Reading<T> reading) throws IOException {
    try {
      return reading.get();
    } catch (UncheckedIOException e) {
      throw e; // the file cannot be read now, which is no damage
    } catch (RuntimeException e) {
      throw new IOException("it is damaged, or no Avro file: " + e, e);
    } catch (OutOfMemoryError e) {
      throw new IOException("it claims to hold more than there is memory for", e);
    }
  }

  @Override
  public OpenFile open(ImageRef image) throws IOException {
    String imageField = Objects.requireNonNull(image.record()).field();
    SeekableByteChannel channel = Shard.open(image.uri());
    try {
      return open(channel, imageField);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static OpenFile open(SeekableByteChannel channel, String imageField) throws IOException {
    GenericDatumReader<GenericRecord> reader = new GenericDatumReader<>();
    DataFileReader<GenericRecord> records = openRecords(channel, reader);
    Schema schema = records.getSchema();
    Schema.Field field = schema.getField(imageField);
    if (field == null) {
      throw new IOException("it has no field " + imageField + " any more");
    }
    reader.setExpected(
        Schema.createRecord(
            schema.getName(),
            null,
            schema.getNamespace(),
            false,
            List.of(new Schema.Field(imageField, field.schema()))));
    return new OpenRecords(records, imageField);
  }

  private static DataFileReader<GenericRecord> openRecords(
      SeekableByteChannel channel, GenericDatumReader<GenericRecord> reader) throws IOException {
    return guarded(() -> new DataFileReader<>(new ChannelInput(channel), reader));
  }

  private static String imageField(Schema schema, @Nullable String wanted) throws IOException {
    if (schema.getType() != Schema.Type.RECORD) {
      throw new IOException("it holds no records but " + schema.getType().getName());
    }
    List<String> candidates =
        schema.getFields().stream()
            .filter(field -> isBytes(field.schema()))
            .map(Schema.Field::name)
            .toList();
    if (wanted == null && candidates.size() == 1) {
      return candidates.get(0);
    }
    if (wanted != null && candidates.contains(wanted)) {
      return wanted;
    }
    throw new IOException(
        wanted == null
            ? "of its fields, %s are bytes, not one; say which field is the image"
                .formatted(candidates)
            : "its fields of bytes are %s, but the image is said to be in field %s"
                .formatted(candidates, wanted));
  }

  private static boolean isBytes(Schema schema) {
    return schema.getType() == Schema.Type.BYTES
        || (schema.getType() == Schema.Type.UNION
            && schema.getTypes().stream()
                .allMatch(
                    type ->
                        type.getType() == Schema.Type.BYTES || type.getType() == Schema.Type.NULL)
            && schema.getTypes().stream().anyMatch(type -> type.getType() == Schema.Type.BYTES));
  }

  private static @Nullable String labelField(Schema schema, @Nullable String wanted)
      throws IOException {
    String name = wanted == null ? "label" : wanted;
    if (schema.getField(name) != null) {
      return name;
    }
    if (wanted == null) {
      return null;
    }
    throw new IOException("it has no field %s, in which the label is said to be".formatted(wanted));
  }

  /** A file that is open for reading images. */
  private static final class OpenRecords implements OpenFile {
    private final DataFileReader<GenericRecord> records;
    private final String imageField;

    /** The block that is read, and the next record's number in there. */
    private long block = -1;

    private int next;

    OpenRecords(DataFileReader<GenericRecord> records, String imageField) {
      this.records = records;
      this.imageField = imageField;
    }

    @Override
    public List<byte[]> read(List<ImageRef> images) throws IOException {
      List<byte[]> bytes = new ArrayList<>(images.size());
      for (ImageRef image : images) {
        bytes.add(read(image.offset(), Objects.requireNonNull(image.record()).number()));
      }
      return bytes;
    }

    /** Reads an image; empty where the record has none. */
    private byte[] read(long blockStart, int record) throws IOException {
      if (blockStart != block || record < next) {
        records.seek(blockStart);
        block = blockStart;
        next = 0;
      }
      @Nullable GenericRecord values = null;
      for (; next <= record; next++) {
        @Nullable GenericRecord reused = values;
        values = guarded(() -> records.next(reused));
      }
      @Nullable Object image = values == null ? null : values.get(imageField);
      if (image == null) {
        return new byte[0];
      }
      byte[] bytes = new byte[((ByteBuffer) image).remaining()];
      ((ByteBuffer) image).get(bytes);
      return bytes;
    }

    @Override
    public void close() throws IOException {
      records.close();
    }
  }

  private record ChannelInput(SeekableByteChannel channel) implements SeekableInput {
    @Override
    public void seek(long position) throws IOException {
      channel.position(position);
    }

    @Override
    public long tell() throws IOException {
      return channel.position();
    }

    @Override
    public long length() throws IOException {
      return channel.size();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return channel.read(ByteBuffer.wrap(bytes, offset, length));
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
