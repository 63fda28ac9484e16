package io.simclrbeam.transforms.images;

import io.simclrbeam.model.image.RejectReason;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Compressed shards and zip files. No image can be read from their middle, so the whole file is
 * rejected.
 */
public final class CompressedFormat implements ShardFormat {
  /** Each file that is opened is asked about, and few have such an ending. */
  private static final Set<String> ENDINGS =
      Set.of("gz", "bz2", "xz", "zst", "tgz", "tbz", "tbz2", "txz", "zip");

  private static final Pattern NAME =
      Pattern.compile(".*\\.((tar|tfrecords?)\\.(gz|bz2|xz|zst)|tgz|tbz2?|txz|zip)");

  private static final String UNPACK =
      "a compressed file, in which no image can be read without all before it; unpack it, or make"
          + " it a plain tar";

  /** None: messages do not offer these. */
  @Override
  public List<String> suffixes() {
    return List.of();
  }

  @Override
  public boolean matches(String name) {
    return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1))
        && NAME.matcher(name).matches();
  }

  @Override
  public void scan(Shard shard, RecordFields fields, Found found) {
    found.reject(shard.id(), RejectReason.UNSUPPORTED_FORMAT, UNPACK);
  }
}
