package io.simclrbeam.transforms.images;

import io.simclrbeam.model.image.RejectReason;
import java.io.IOException;
import java.util.Optional;

/** A format of files that hold many images. */
enum ShardFormat {
  TAR("\\.tar") {
    @Override
    void scan(Shard shard, RecordFields fields, Found found) throws IOException {
      TarShard.scan(shard, found);
    }
  },
  AVRO("\\.avro") {
    @Override
    void scan(Shard shard, RecordFields fields, Found found) throws IOException {
      AvroShard.scan(shard, fields, found);
    }
  },
  TFRECORD("\\.tfrecords?(-\\d+-of-\\d+)?") {
    @Override
    void scan(Shard shard, RecordFields fields, Found found) throws IOException {
      TfRecordShard.scan(shard, fields, found);
    }
  },
  COMPRESSED("\\.((tar|tfrecords?)\\.(gz|bz2|xz|zst)|tgz|tbz2?|txz|zip)") {
    @Override
    void scan(Shard shard, RecordFields fields, Found found) {
      found.reject(shard.id(), RejectReason.UNSUPPORTED_FORMAT, UNPACK);
    }
  };

  private static final String UNPACK =
      "a compressed file, in which no image can be read without all before it; unpack it, or make"
          + " it a plain tar";

  private final String suffix;

  ShardFormat(String suffix) {
    this.suffix = suffix;
  }

  /** Returns the format that the name of a file announces, or nothing if it may be an image. */
  static Optional<ShardFormat> of(String uri) {
    for (ShardFormat format : values()) {
      if (uri.matches(".*" + format.suffix)) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  /**
   * Finds the images of a shard.
   *
   * @throws IOException if the shard is damaged; what comes before the damage has been found
   */
  abstract void scan(Shard shard, RecordFields fields, Found found) throws IOException;

  /** Takes what a scan finds. */
  interface Found {
    void image(ImageRef image);

    /** A record without a usable image. */
    void reject(String id, RejectReason reason, String detail);
  }
}
