package io.simclrbeam.transforms.images;

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
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** TFRecord files of {@code tf.train.Example}. The bytes of an image are a range of the file. */
public final class TfRecordFormat implements ShardFormat {
  /** TensorFlow numbers the shards of a data set behind their suffix. */
  private static final Pattern NAME =
      Pattern.compile("\\.tfrec(ords?)?(-\\d+-of-\\d+)?\\z", Pattern.CASE_INSENSITIVE);

  private static final String IMAGE = "image/encoded";
  private static final String LABEL = "image/class/label";

  /** Bytes before a record, its length with a checksum, and after it, a checksum. */
  private static final int HEADER = Long.BYTES + Integer.BYTES;

  private static final int FOOTER = Integer.BYTES;
  private static final int BUFFER = 1 << 18;

  @Override
  public List<String> suffixes() {
    return List.of(".tfrecord", ".tfrec");
  }

  @Override
  public boolean matches(String name) {
    char last = name.isEmpty() ? ' ' : Character.toLowerCase(name.charAt(name.length() - 1));
    // Each file that is opened is asked about, and few end so.
    return ("cds".indexOf(last) >= 0 || Character.isDigit(last)) && NAME.matcher(name).find();
  }

  /** Knows a file by the checksum of its first record's length. */
  @Override
  public boolean begins(byte[] first) {
    return first.length >= HEADER
        && TfRecords.checksum(first, Long.BYTES) == littleEndian(first).getInt(Long.BYTES);
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
    TfExample example;
    try {
      example = TfExample.parse(record);
    } catch (IOException e) {
      found.reject(id, RejectReason.NOT_AN_IMAGE, "the record is no tf.train.Example");
      return;
    }
    List<String> names = fields.image() == null ? List.of(IMAGE) : fields.imageNames();
    TfExample.@Nullable Feature image =
        names.stream()
            .filter(example.features()::containsKey)
            .findFirst()
            .map(example.features()::get)
            .orElse(null);
    if (image == null || !image.isBytes()) {
      found.reject(
          id,
          RejectReason.NOT_AN_IMAGE,
          "the record has no feature %s of one string of bytes; its features are %s"
              .formatted(String.join(" or ", names), new TreeSet<>(example.features().keySet())));
      return;
    }
    found.image(
        ImageRef.range(
            id,
            shard.uri(),
            position + image.offset(),
            image.length(),
            example.text(fields.label() == null ? LABEL : fields.label())));
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
