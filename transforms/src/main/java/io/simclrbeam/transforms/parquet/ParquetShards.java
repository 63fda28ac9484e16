package io.simclrbeam.transforms.parquet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.RecordFields;
import io.simclrbeam.transforms.images.Shard;
import io.simclrbeam.transforms.images.ShardFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Parquet files with an image in each row: a binary column, or a struct with a binary field, as
 * Hugging Face's data sets have it ({@code image.bytes}). Images are found from the footer and the
 * labels alone. An image is addressed by its row group and its row in there; a row group is read
 * from its start to that row. So images are read fast one after the other, and slowly in any other
 * order.
 *
 * <p>A label that is a number of a Hugging Face {@code ClassLabel} becomes the name of the class.
 */
public final class ParquetShards implements ShardFormat {
  private static final String SEPARATOR = ".";
  private static final String LABEL = "label";

  @Override
  public List<String> suffixes() {
    return List.of(".parquet");
  }

  @Override
  public void scan(Shard shard, RecordFields fields, Found found) throws IOException {
    try (ParquetFileReader file = open(Shard.open(shard.uri()))) {
      MessageType schema = file.getFileMetaData().getSchema();
      ColumnDescriptor images = imageColumn(schema, fields.imageNames());
      @Nullable Labels labels = Labels.of(file, schema, fields.label());
      long row = 0;
      for (int group = 0; group < file.getRowGroups().size(); group++) {
        BlockMetaData block = file.getRowGroups().get(group);
        long length = meanLength(block, images);
        @Nullable ColumnReader label =
            labels == null ? null : column(file, schema, labels.column, group);
        for (int inBlock = 0; inBlock < block.getRowCount(); inBlock++) {
          found.image(
              new ImageRef(
                  shard.recordId(row++),
                  shard.uri(),
                  block.getStartingPos(),
                  length,
                  new ImageRef.BlockRecord(name(images), inBlock),
                  label == null ? null : next(label, Objects.requireNonNull(labels)::read),
                  null));
        }
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      throw damage(e);
    }
  }

  @Override
  public OpenFile open(ImageRef image) throws IOException {
    ParquetFileReader file = open(Shard.open(image.uri()));
    try {
      return new OpenRows(
          file,
          imageColumn(
              file.getFileMetaData().getSchema(),
              List.of(Objects.requireNonNull(image.record()).field())));
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      file.close();
      throw damage(e);
    }
  }

  private static ParquetFileReader open(SeekableByteChannel channel) throws IOException {
    try {
      return new ParquetFileReader(
          new OpenChannel(channel),
          ParquetReadOptions.builder(new PlainParquetConfiguration())
              .withCodecFactory(new PageCodecs())
              .build());
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      channel.close();
      throw damage(e);
    }
  }

  /** Parquet trusts what a file says and throws whatever that leads to. */
  private static IOException damage(Throwable e) {
    if (e instanceof UncheckedIOException failing) {
      throw failing; // the file cannot be read now, which is no damage
    }
    if (e instanceof IOException known) {
      return known;
    }
    return e instanceof OutOfMemoryError
        ? new IOException("it claims to hold more than there is memory for", e)
        : new IOException("it is damaged, or no Parquet file: " + e, e);
  }

  private static String name(ColumnDescriptor column) {
    return String.join(SEPARATOR, column.getPath());
  }

  private static ColumnDescriptor imageColumn(MessageType schema, List<String> wanted)
      throws IOException {
    List<ColumnDescriptor> candidates =
        schema.getColumns().stream().filter(ParquetShards::isBytes).toList();
    if (wanted.isEmpty() && candidates.size() == 1) {
      return candidates.get(0);
    }
    for (String path : wanted) {
      List<ColumnDescriptor> chosen =
          candidates.stream()
              .filter(column -> (name(column) + SEPARATOR).startsWith(path + SEPARATOR))
              .toList();
      if (chosen.size() == 1) {
        return chosen.get(0);
      }
    }
    List<String> names = candidates.stream().map(ParquetShards::name).toList();
    throw new IOException(
        wanted.isEmpty()
            ? "of its columns, %s are binary, not one; say which field is the image"
                .formatted(names)
            : "its binary columns are %s, but the image is said to be in field %s"
                .formatted(names, String.join(" or ", wanted)));
  }

  private static boolean isBytes(ColumnDescriptor column) {
    PrimitiveTypeName type = column.getPrimitiveType().getPrimitiveTypeName();
    return (type == PrimitiveTypeName.BINARY || type == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY)
        && column.getPrimitiveType().getLogicalTypeAnnotation() == null
        && column.getMaxRepetitionLevel() == 0;
  }

  /** Returns about how long an image of a row group is: what it takes says the footer. */
  private static long meanLength(BlockMetaData block, ColumnDescriptor column) {
    return block.getColumns().stream()
        .filter(chunk -> List.of(chunk.getPath().toArray()).equals(List.of(column.getPath())))
        .mapToLong(chunk -> chunk.getTotalUncompressedSize() / Math.max(1, block.getRowCount()))
        .sum();
  }

  /** Opens a column of a row group, at its first row. */
  private static ColumnReader column(
      ParquetFileReader file, MessageType schema, ColumnDescriptor column, int group)
      throws IOException {
    MessageType alone =
        new MessageType(schema.getName(), only(schema.asGroupType(), column.getPath(), 0));
    file.setRequestedSchema(alone);
    return new ColumnReadStoreImpl(
            file.readRowGroup(group),
            new GroupRecordConverter(alone).getRootConverter(),
            alone,
            file.getFileMetaData().getCreatedBy())
        .getColumnReader(alone.getColumns().get(0));
  }

  /** Returns the field of a group that leads to a column, without its other columns. */
  private static Type only(GroupType group, String[] path, int depth) {
    Type field = group.getType(path[depth]);
    return depth == path.length - 1
        ? field
        : new GroupType(
            field.getRepetition(), field.getName(), only(field.asGroupType(), path, depth + 1));
  }

  private interface Value<T> {
    @Nullable T of(ColumnReader column);
  }

  /** Returns the value of a row, or null where it has none, and goes to the next row. */
  private static <T> @Nullable T next(ColumnReader column, Value<T> value) {
    int level = column.getDescriptor().getMaxDefinitionLevel();
    @Nullable T read = column.getCurrentDefinitionLevel() == level ? value.of(column) : null;
    column.consume();
    return read;
  }

  /**
   * The labels of a file.
   *
   * @param names of the classes by number; none if labels are what they are
   */
  private record Labels(ColumnDescriptor column, List<String> names) {
    static @Nullable Labels of(ParquetFileReader file, MessageType schema, @Nullable String wanted)
        throws IOException {
      String name = wanted == null ? LABEL : wanted;
      for (ColumnDescriptor column : schema.getColumns()) {
        if (name(column).equals(name) && column.getMaxRepetitionLevel() == 0) {
          return new Labels(column, classes(file, name));
        }
      }
      if (wanted == null) {
        return null;
      }
      throw new IOException(
          "it has no column %s, in which the label is said to be".formatted(wanted));
    }

    /** Returns the names that Hugging Face's {@code datasets} leaves in the footer. */
    private static List<String> classes(ParquetFileReader file, String name) {
      @Nullable String about = file.getFileMetaData().getKeyValueMetaData().get("huggingface");
      List<String> names = new ArrayList<>();
      try {
        JsonNode feature =
            Json.MAPPER
                .readTree(about == null ? "{}" : about)
                .path("info")
                .path("features")
                .path(name);
        feature.path("names").forEach(each -> names.add(each.asText()));
      } catch (JsonProcessingException e) {
        names.clear(); // the numbers are labels too
      }
      return names;
    }

    @Nullable String read(ColumnReader column) {
      return switch (column.getDescriptor().getPrimitiveType().getPrimitiveTypeName()) {
        case INT32 -> read(column.getInteger());
        case INT64 -> read(column.getLong());
        case BOOLEAN -> String.valueOf(column.getBoolean());
        case FLOAT -> String.valueOf(column.getFloat());
        case DOUBLE -> String.valueOf(column.getDouble());
        default -> column.getBinary().toStringUsingUTF8();
      };
    }

    /** Of classes with names, those that are none are those of images without a label. */
    private @Nullable String read(long number) {
      if (names.isEmpty()) {
        return String.valueOf(number);
      }
      return number >= 0 && number < names.size() ? names.get((int) number) : null;
    }
  }

  private record OpenChannel(SeekableByteChannel channel) implements InputFile {
    @Override
    public long getLength() throws IOException {
      return channel.size();
    }

    @Override
    public SeekableInputStream newStream() {
      return new ChannelInput(channel);
    }
  }

  /** A file that is open for reading images. */
  private static final class OpenRows implements OpenFile {
    private final ParquetFileReader file;
    private final ColumnDescriptor images;

    /** Where the row group starts that is read, and the next row in there. */
    private long block = -1;

    private int next;
    private @Nullable ColumnReader column;

    OpenRows(ParquetFileReader file, ColumnDescriptor images) {
      this.file = file;
      this.images = images;
    }

    @Override
    public List<byte[]> read(List<ImageRef> refs) throws IOException {
      try {
        List<byte[]> bytes = new ArrayList<>(refs.size());
        for (ImageRef ref : refs) {
          bytes.add(read(ref.offset(), Objects.requireNonNull(ref.record()).number()));
        }
        return bytes;
      } catch (RuntimeException | OutOfMemoryError e) {
        throw damage(e);
      }
    }

    /** Reads an image; empty where the row has none. */
    private byte[] read(long blockStart, int row) throws IOException {
      if (column == null || blockStart != block || row < next) {
        column = column(file, file.getFileMetaData().getSchema(), images, group(blockStart));
        block = blockStart;
        next = 0;
      }
      for (; next < row; next++) {
        if (column.getCurrentDefinitionLevel() == images.getMaxDefinitionLevel()) {
          column.skip();
        }
        column.consume();
      }
      next++;
      byte @Nullable [] image = next(column, values -> values.getBinary().getBytes());
      return image == null ? new byte[0] : image;
    }

    private int group(long start) throws IOException {
      for (int group = 0; group < file.getRowGroups().size(); group++) {
        if (file.getRowGroups().get(group).getStartingPos() == start) {
          return group;
        }
      }
      throw new IOException("it has no row group at byte %d any more".formatted(start));
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
