package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.images.ShardFormat.OpenFile;
import java.io.IOException;
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
