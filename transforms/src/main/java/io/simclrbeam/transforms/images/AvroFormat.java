package io.simclrbeam.transforms.images;

import io.simclrbeam.model.image.RejectReason;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.SeekableInput;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Avro container files whose records have an image in a field of type bytes or fixed, or a union
 * with one. The field may be in a record within the record. Blocks may be compressed, so the
 * address of an image is its block and the number of its record in there.
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
        Records records = openRecords(channel, new GenericDatumReader<>())) {
      Schema schema = records.getSchema();
      String imageField = imageField(schema, fields);
      @Nullable String labelField = labelField(schema, fields.label());
      long block = -1;
      int inBlock = 0;
      for (long record = 0; records.hasRecord(); record++) {
        inBlock = records.previousSync() == block ? inBlock + 1 : 0;
        block = records.previousSync();
        GenericRecord values = guarded(records::next);
        String id = shard.recordId(record);
        @Nullable Object image = value(values, imageField);
        if (image != null && bytes(image) == null) {
          found.reject(
              id,
              RejectReason.NOT_AN_IMAGE,
              "field %s of the record holds no bytes but %s"
                  .formatted(imageField, image.getClass().getSimpleName()));
          continue;
        }
        @Nullable Object label = labelField == null ? null : value(values, labelField);
        found.image(
            new ImageRef(
                id,
                shard.uri(),
                block,
                image == null ? 0 : Objects.requireNonNull(bytes(image)).remaining(),
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

  /** Returns what a record has at a path, such as {@code image.bytes}; null if it has nothing. */
  private static @Nullable Object value(GenericRecord record, String path) {
    @Nullable Object value = record;
    for (String name : path.split("\\.", -1)) {
      value = value instanceof GenericRecord inner ? inner.get(name) : null;
    }
    return value;
  }

  /** Returns the bytes of a value; null if it has none. */
  private static @Nullable ByteBuffer bytes(@Nullable Object value) {
    if (value instanceof GenericFixed fixed) {
      return ByteBuffer.wrap(fixed.bytes());
    }
    return value instanceof ByteBuffer bytes ? bytes : null;
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
    Records records = openRecords(channel, reader);
    Schema schema = records.getSchema();
    String top = imageField.replaceFirst("\\..*", "");
    Schema.@Nullable Field field = schema.getField(top);
    if (field == null) {
      throw new IOException("it has no field " + imageField + " any more");
    }
    reader.setExpected(
        Schema.createRecord(
            schema.getName(),
            null,
            schema.getNamespace(),
            false,
            List.of(new Schema.Field(top, field.schema()))));
    return new OpenRecords(records, imageField);
  }

  private static Records openRecords(
      SeekableByteChannel channel, GenericDatumReader<GenericRecord> reader) throws IOException {
    return guarded(() -> new Records(new ChannelInput(channel), reader));
  }

  private static String imageField(Schema schema, RecordFields fields) throws IOException {
    if (schema.getType() != Schema.Type.RECORD) {
      throw new IOException("it holds no records but " + schema.getType().getName());
    }
    List<String> ofBytes = new ArrayList<>();
    List<String> fixed = new ArrayList<>();
    addPaths("", schema, Set.of(), ofBytes, fixed);
    if (fields.image() == null) {
      return onlyOne(ofBytes, fixed);
    }
    for (String wanted : fields.imageNames()) {
      if (ofBytes.contains(wanted) || fixed.contains(wanted)) {
        return wanted;
      }
    }
    throw new IOException(
        "its fields of bytes are %s, but the image is said to be in field %s"
            .formatted(
                Stream.concat(ofBytes.stream(), fixed.stream()).toList(),
                String.join(" or ", fields.imageNames())));
  }

  /** Returns the only field of bytes in the record itself, or else within it, or else the fixed. */
  private static String onlyOne(List<String> ofBytes, List<String> fixed) throws IOException {
    List<String> candidates = ofBytes.stream().filter(path -> !path.contains(".")).toList();
    if (candidates.isEmpty()) {
      candidates = ofBytes.isEmpty() ? fixed : ofBytes;
    }
    if (candidates.size() != 1) {
      throw new IOException(
          "of its fields, %s are bytes, not one; say which field is the image"
              .formatted(candidates));
    }
    return candidates.get(0);
  }

  /**
   * Adds the paths of the fields that may hold bytes.
   *
   * @param around the names of the records that the schema is in, which may hold themselves
   */
  private static void addPaths(
      String path, Schema schema, Set<String> around, List<String> ofBytes, List<String> fixed) {
    switch (schema.getType()) {
      case BYTES -> addOnce(path, ofBytes);
      case FIXED -> addOnce(path, fixed);
      case UNION -> schema.getTypes().forEach(type -> addPaths(path, type, around, ofBytes, fixed));
      case RECORD -> {
        if (!around.contains(schema.getFullName())) {
          Set<String> inner = new HashSet<>(around);
          inner.add(schema.getFullName());
          String prefix = path.isEmpty() ? "" : path + ".";
          schema
              .getFields()
              .forEach(
                  field -> addPaths(prefix + field.name(), field.schema(), inner, ofBytes, fixed));
        }
      }
      default -> {
        // it holds no bytes
      }
    }
  }

  private static void addOnce(String path, List<String> paths) {
    if (!paths.contains(path)) {
      paths.add(path);
    }
  }

  private static @Nullable String labelField(Schema schema, @Nullable String wanted)
      throws IOException {
    String path = wanted == null ? "label" : wanted;
    List<Schema> schemas = List.of(schema);
    for (String name : path.split("\\.", -1)) {
      schemas = schemas.stream().flatMap(each -> fieldSchemas(each, name)).toList();
    }
    if (!schemas.isEmpty()) {
      return path;
    }
    if (wanted == null) {
      return null;
    }
    throw new IOException("it has no field %s, in which the label is said to be".formatted(wanted));
  }

  /** Returns the schemas of a field: that of a record, or those of the records of a union. */
  private static Stream<Schema> fieldSchemas(Schema schema, String name) {
    return switch (schema.getType()) {
      case UNION -> schema.getTypes().stream().flatMap(type -> fieldSchemas(type, name));
      case RECORD -> Stream.ofNullable(schema.getField(name)).map(Schema.Field::schema);
      default -> Stream.of();
    };
  }

  /** The records of a file. */
  private static final class Records extends DataFileReader<GenericRecord> {
    /** What a block has besides its records: their number (0), their size, and a mark. */
    private static final int SYNC_MARKER = 16;

    Records(SeekableInput in, GenericDatumReader<GenericRecord> reader) throws IOException {
      super(in, reader);
    }

    /** Returns whether there is another record. Avro takes a block without records for the end. */
    boolean hasRecord() throws IOException {
      while (!guarded(this::hasNext)) {
        if (getBlockCount() != 0) {
          return false;
        }
        long start = previousSync();
        blockFinished();
        if (previousSync() == start) {
          return false;
        }
        if (previousSync()
            != start + 1 + varintBytes(getBlockSize()) + getBlockSize() + SYNC_MARKER) {
          throw new EOFException("it ends within the block at byte " + start);
        }
      }
      return true;
    }

    /** Returns how many bytes Avro writes a size as: 7 bits in each, after one for the sign. */
    private static int varintBytes(long size) {
      return (70 - Long.numberOfLeadingZeros(size << 1 | 1)) / 7;
    }
  }

  /** A file that is open for reading images. */
  private static final class OpenRecords implements OpenFile {
    private final Records records;
    private final String imageField;

    /** The block that is read, and the next record's number in there. */
    private long block = -1;

    private int next;

    OpenRecords(Records records, String imageField) {
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
      @Nullable ByteBuffer image = bytes(values == null ? null : value(values, imageField));
      if (image == null) {
        return new byte[0];
      }
      byte[] bytes = new byte[image.remaining()];
      image.get(bytes);
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
