package io.simclrbeam.transforms.images;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.simclrbeam.model.image.RejectReason;
import io.simclrbeam.model.storage.TfRecords;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tensorflow.example.Example;
import org.tensorflow.example.Feature;

/** TFRecord files of {@code tf.train.Example}. The bytes of an image are a range of the file. */
public final class TfRecordFormat implements ShardFormat {
  /** TensorFlow numbers the shards of a data set behind their suffix. */
  private static final Pattern NAME = Pattern.compile(".*\\.tfrecords?(-\\d+-of-\\d+)?");

  private static final String IMAGE = "image/encoded";
  private static final String LABEL = "image/class/label";

  /** Bytes before a record, its length with a checksum, and after it, a checksum. */
  private static final int HEADER = Long.BYTES + Integer.BYTES;

  private static final int FOOTER = Integer.BYTES;
  private static final int BUFFER = 1 << 18;

  @Override
  public List<String> suffixes() {
    return List.of(".tfrecord");
  }

  @Override
  public boolean matches(String name) {
    return name.contains(".tfrecord") && NAME.matcher(name).matches();
  }

  /** Finds images by reading the whole file. */
  @Override
  public void scan(Shard shard, RecordFields fields, Found found) throws IOException {
    try (SeekableByteChannel channel = Shard.open(shard.uri());
        InputStream in = new BufferedInputStream(Channels.newInputStream(channel), BUFFER)) {
      long size = channel.size();
      long position = 0;
      for (long number = 0; position < size; number++) {
        byte[] header = read(in, HEADER);
        long length = littleEndian(header).getLong();
        check(header, Long.BYTES, littleEndian(header).getInt(Long.BYTES), number, position);
        if (length < 0 || length > Integer.MAX_VALUE - 8 || length > size - position - HEADER) {
          throw new IOException(
              "record %d at byte %d claims %d bytes".formatted(number, position, length));
        }
        byte[] record = read(in, (int) length);
        int checksum = littleEndian(read(in, FOOTER)).getInt();
        check(record, (int) length, checksum, number, position);
        add(shard, fields, number, record, position + HEADER, found);
        position += HEADER + length + FOOTER;
      }
    }
  }

  private static void add(
      Shard shard, RecordFields fields, long number, byte[] record, long position, Found found) {
    String id = shard.recordId(number);
    Example example;
    try {
      example = Example.parseFrom(record);
    } catch (InvalidProtocolBufferException e) {
      found.reject(id, RejectReason.NOT_AN_IMAGE, "the record is no tf.train.Example");
      return;
    }
    String name = fields.image() == null ? IMAGE : fields.image();
    @Nullable Feature image = example.getFeatures().getFeatureMap().get(name);
    if (image == null || image.getBytesList().getValueCount() != 1) {
      found.reject(
          id,
          RejectReason.NOT_AN_IMAGE,
          "the record has no feature %s of one string of bytes".formatted(name));
      return;
    }
    ByteString bytes = image.getBytesList().getValue(0);
    int offset = indexOf(record, bytes.toByteArray());
    found.image(
        ImageRef.range(
            id,
            shard.uri(),
            position + offset,
            bytes.size(),
            label(example, fields.label() == null ? LABEL : fields.label())));
  }

  /** The first place of the same bytes is as good as that of the image. */
  private static int indexOf(byte[] record, byte[] bytes) {
    int at = 0;
    while (!Arrays.equals(record, at, at + bytes.length, bytes, 0, bytes.length)) {
      at++;
    }
    return at;
  }

  private static @Nullable String label(Example example, String name) {
    @Nullable Feature label = example.getFeatures().getFeatureMap().get(name);
    if (label == null) {
      return null;
    }
    if (label.getInt64List().getValueCount() == 1) {
      return String.format(Locale.ROOT, "%d", label.getInt64List().getValue(0));
    }
    return label.getBytesList().getValueCount() == 1
        ? label.getBytesList().getValue(0).toStringUtf8()
        : null;
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] read(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("it ends within a record");
    }
    return bytes;
  }

  private static void check(byte[] bytes, int length, int checksum, long number, long position)
      throws IOException {
    if (TfRecords.checksum(bytes, length) != checksum) {
      throw new IOException(
          "record %d at byte %d has a wrong checksum%s"
              .formatted(
                  number, position, number == 0 ? "; is it compressed, or no TFRecord?" : ""));
    }
  }
}
