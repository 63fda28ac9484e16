package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.images.ShardFormat.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** The formats of shards that this program knows. */
public final class ShardFormats {
  private static final List<ShardFormat> ALL =
      ServiceLoader.load(ShardFormat.class, ShardFormat.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .toList();

  private ShardFormats() {}

  /** Returns the format that the name of a file announces, or nothing if it may be an image. */
  static Optional<ShardFormat> of(String uri) {
    for (ShardFormat format : ALL) {
      if (format.matches(uri)) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the format that the first bytes of a file announce, or nothing if it may be an image.
   */
  static Optional<ShardFormat> beginning(byte[] first) {
    for (ShardFormat format : ALL) {
      if (format.begins(first)) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  /**
   * Finds the images of a shard, whose format its name or else its first bytes announce.
   *
   * @throws IOException if the shard is damaged
   */
  static void scan(Shard shard, RecordFields fields, ShardFormat.Found found) throws IOException {
    Optional<ShardFormat> named = of(shard.uri());
    if (named.isEmpty()) {
      beginning(firstBytes(shard.uri())).orElseThrow().scan(shard, fields, found);
      return;
    }
    try {
      named.get().scan(shard, fields, found);
    } catch (IOException damage) {
      ShardFormat compressed = new CompressedFormat();
      if (!compressed.begins(firstBytes(shard.uri()))) {
        throw damage;
      }
      compressed.scan(shard, fields, found);
    }
  }

  /** Reads the {@value ShardFormat#FIRST_BYTES} first bytes of a file, or all that there are. */
  static byte[] firstBytes(String uri) throws IOException {
    try (SeekableByteChannel file = Shard.open(uri);
        InputStream in = Channels.newInputStream(file)) {
      return in.readNBytes(ShardFormat.FIRST_BYTES);
    }
  }

  /** Opens the file that an image is in: a shard, or the image itself. */
  static OpenFile open(ImageRef image) throws IOException {
    Optional<ShardFormat> format = of(image.uri());
    return format.isPresent() ? format.get().open(image) : new PlainFile(Shard.open(image.uri()));
  }

  /** Returns the endings of the names of shards, such as {@code .avro} and {@code .tar}, sorted. */
  public static List<String> suffixes() {
    return ALL.stream().flatMap(format -> format.suffixes().stream()).sorted().toList();
  }
}
