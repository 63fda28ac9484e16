package io.simclrbeam.transforms.images;

import io.simclrbeam.model.image.RejectReason;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compressed shards and zip files, by their names or first bytes. No image can be read from their
 * middle, so the whole file is rejected.
 */
public final class CompressedFormat implements ShardFormat {
  /** Each file that is opened is asked about, and few have such an ending. */
  private static final Set<String> ENDINGS =
      Set.of("gz", "bz2", "xz", "zst", "tgz", "tbz", "tbz2", "txz", "zip");

  private static final Pattern NAME =
      Pattern.compile(
          ".*\\.((tar|tfrec|tfrecords?)\\.(gz|bz2|xz|zst)|tgz|tbz2?|txz|zip)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private static final String UNPACK =
      "a compressed file%s, whose images are not read; unpack it, or make it a plain tar";

  /** What files begin with that a compressor has written, in hexadecimal. */
  private static final Map<String, String> BEGINNINGS =
      Map.of(
          "1f8b08", "gzip",
          "425a6839314159265359", "bzip2", // the signs BZh9 alone may begin a text
          "fd377a585a00", "xz",
          "28b52ffd", "zstd",
          "504b0304", "zip",
          "377abcaf271c", "7z",
          "526172211a07", "rar");

  /** None: messages do not offer these. */
  @Override
  public List<String> suffixes() {
    return List.of();
  }

  @Override
  public boolean matches(String name) {
    return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT))
        && NAME.matcher(name).matches();
  }

  @Override
  public boolean begins(byte[] first) {
    return compressor(first) != null;
  }

  /** Returns the compressor that wrote a file; null if none did. */
  private static @Nullable String compressor(byte[] first) {
    String start = HexFormat.of().formatHex(first, 0, Math.min(10, first.length));
    for (Map.Entry<String, String> beginning : BEGINNINGS.entrySet()) {
      if (start.startsWith(beginning.getKey())) {
        return beginning.getValue();
      }
    }
    return null;
  }

  /** Rejects the file. It is opened only if its name does not say that it is compressed. */
  @Override
  public void scan(Shard shard, RecordFields fields, Found found) throws IOException {
    @Nullable String compressor =
        matches(shard.uri()) ? null : compressor(ShardFormats.firstBytes(shard.uri()));
    found.reject(
        shard.id(),
        RejectReason.UNSUPPORTED_FORMAT,
        UNPACK.formatted(compressor == null ? "" : " (%s)".formatted(compressor)));
  }
}
