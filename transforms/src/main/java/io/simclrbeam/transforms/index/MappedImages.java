package io.simclrbeam.transforms.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.storage.TemporaryFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.RandomAccess;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * The images of a manifest in temporary files of this machine, about 100 bytes each. They are
 * mapped, so the heap holds none of them, and the memory only those that are looked at, as long as
 * there is room. For many threads. The files have no names; they are gone with the last reference
 * to this, or with the process.
 */
final class MappedImages extends AbstractList<ImageRef> implements RandomAccess {
  /** Of the number of bytes in a mapping, which has at most 2 GiB. */
  static final int SEGMENT_BITS = 30;

  /** Of folders, labels and fields, which many images share. Those that come later are repeated. */
  private static final int MOST_SHARED = 1 << 16;

  private static final int SHA256_BYTES = 32;
  private static final HexFormat HEX = HexFormat.of();

  // What a string begins with; larger numbers are those of shared strings.
  private static final int NULL = 0;
  private static final int INLINE = 1;
  private static final int SHARED = 2;

  private final int size;
  private final int segmentBits;
  private final List<ByteBuffer> positions;
  private final List<ByteBuffer> records;
  private final List<String> shared;

  private MappedImages(
      int size,
      int segmentBits,
      List<ByteBuffer> positions,
      List<ByteBuffer> records,
      List<String> shared) {
    this.size = size;
    this.segmentBits = segmentBits;
    this.positions = positions;
    this.records = records;
    this.shared = shared;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public ImageRef get(int index) {
    Objects.checkIndex(index, size);
    long start = at(positions, (long) index * Long.BYTES).getLong();
    ByteBuffer in = at(records, start);
    String id = required(in);
    String uri = required(in) + required(in);
    long offset = number(in);
    long length = number(in);
    @Nullable String field = string(in);
    ImageRef.@Nullable BlockRecord record =
        field == null ? null : new ImageRef.BlockRecord(field, (int) number(in));
    @Nullable String label = string(in);
    return new ImageRef(id, uri, offset, length, record, label, sha256(in));
  }

  private ByteBuffer at(List<ByteBuffer> segments, long position) {
    ByteBuffer segment = segments.get((int) (position >>> segmentBits)).duplicate();
    return segment.position((int) (position & (1L << segmentBits) - 1));
  }

  private String required(ByteBuffer in) {
    return Objects.requireNonNull(string(in));
  }

  private @Nullable String string(ByteBuffer in) {
    long kind = number(in);
    if (kind == NULL) {
      return null;
    }
    if (kind >= SHARED) {
      return shared.get((int) kind - SHARED);
    }
    byte[] bytes = new byte[(int) number(in)];
    in.get(bytes);
    return new String(bytes, UTF_8);
  }

  private String sha256(ByteBuffer in) {
    byte[] bytes = new byte[SHA256_BYTES];
    in.get(bytes);
    return HEX.formatHex(bytes);
  }

  private static long number(ByteBuffer in) {
    long number = 0;
    for (int shift = 0; ; shift += 7) {
      byte bits = in.get();
      number |= (long) (bits & 0x7F) << shift;
      if (bits >= 0) {
        return number;
      }
    }
  }

  /** Takes the images in their order. */
  static final class Writer implements Closeable {
    private final int segmentBits;
    private final Spill positions;
    private final Spill records;
    private final List<String> shared = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private int size;

    Writer() throws IOException {
      this(SEGMENT_BITS);
    }

    Writer(int segmentBits) throws IOException {
      this.segmentBits = segmentBits;
      positions = new Spill(1 << segmentBits);
      records = new Spill(1 << segmentBits);
    }

    /** Adds what {@link ManifestRecord#image} makes of a record. */
    void add(GenericRecord record) throws IOException {
      ImageRef image = ManifestRecord.image(record);
      ByteBuffer out = records.room(longest(image)); // before the end is asked for: it may move it
      positions.room(Long.BYTES).putLong(records.end());
      putInline(out, image.id());
      int folder = image.uri().lastIndexOf('/') + 1;
      putShared(out, image.uri().substring(0, folder));
      putInline(out, image.uri().substring(folder));
      putNumber(out, image.offset());
      putNumber(out, image.length());
      ImageRef.BlockRecord block = image.record();
      putShared(out, block == null ? null : block.field());
      if (block != null) {
        putNumber(out, block.number());
      }
      putShared(out, image.label());
      out.put(HEX.parseHex(Objects.requireNonNull(image.contentSha256())));
      size++;
    }

    private static int longest(ImageRef image) {
      ImageRef.BlockRecord block = image.record();
      @Nullable String label = image.label();
      int letters =
          image.id().length()
              + image.uri().length()
              + (block == null ? 0 : block.field().length())
              + (label == null ? 0 : label.length());
      return 3 * letters + 128; // UTF-8 has at most 3 bytes for a char
    }

    private void putShared(ByteBuffer out, @Nullable String text) {
      if (text == null) {
        putNumber(out, NULL);
        return;
      }
      @Nullable Integer number = numbers.get(text);
      if (number == null && shared.size() < MOST_SHARED) {
        number = shared.size();
        numbers.put(text, number);
        shared.add(text);
      }
      if (number == null) {
        putInline(out, text);
      } else {
        putNumber(out, SHARED + number);
      }
    }

    private static void putInline(ByteBuffer out, String text) {
      byte[] bytes = text.getBytes(UTF_8);
      putNumber(out, INLINE);
      putNumber(out, bytes.length);
      out.put(bytes);
    }

    private static void putNumber(ByteBuffer out, long number) {
      long left = number;
      while ((left & ~0x7FL) != 0) {
        out.put((byte) (left | 0x80));
        left >>>= 7;
      }
      out.put((byte) left);
    }

    /** Returns all that was added. */
    MappedImages finish() throws IOException {
      return new MappedImages(
          size, segmentBits, positions.map(), records.map(), List.copyOf(shared));
    }

    @Override
    public void close() throws IOException {
      try (records) {
        positions.close();
      }
    }
  }

  /** A temporary file that is written in pieces, none of which crosses the end of a segment. */
  private static final class Spill implements Closeable {
    private static final int BUFFER_BYTES = 1 << 20;

    private final int segmentBytes;
    private final TemporaryFile file;
    private ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private long written;

    Spill(int segmentBytes) throws IOException {
      this.segmentBytes = segmentBytes;
      file = TemporaryFile.create("images");
    }

    /** Returns the position of what comes next. */
    long end() {
      return written + buffer.position();
    }

    /** Returns where up to so many bytes may be put. */
    ByteBuffer room(int bytes) throws IOException {
      long left = segmentBytes - (end() & segmentBytes - 1);
      if (bytes > left) {
        flush();
        written += left;
      } else if (bytes > buffer.remaining()) {
        flush();
      }
      if (bytes > buffer.capacity()) {
        buffer = ByteBuffer.allocateDirect(bytes);
      }
      return buffer;
    }

    private void flush() throws IOException {
      buffer.flip();
      int bytes = buffer.remaining();
      file.write(buffer, written);
      written += bytes;
      buffer.clear();
    }

    List<ByteBuffer> map() throws IOException {
      flush();
      List<ByteBuffer> segments = new ArrayList<>();
      FileChannel channel = file.channel();
      for (long from = 0; from < channel.size(); from += segmentBytes) {
        long bytes = Math.min(segmentBytes, channel.size() - from);
        segments.add(channel.map(FileChannel.MapMode.READ_ONLY, from, bytes));
      }
      return List.copyOf(segments);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
