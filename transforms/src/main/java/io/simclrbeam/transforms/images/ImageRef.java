package io.simclrbeam.transforms.images;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Where the bytes of an image are: a range of a file, or a record in a block of a file.
 *
 * @param id path below the input's root, {@code shard.tar/entry}, or {@code shard.avro/number}
 * @param uri of the file
 * @param offset of the first byte in the file; with a record, of its block
 * @param length of the image in bytes; about so many for a record that was not read yet
 * @param record in the block at the offset, or null if the bytes lie in the file as they are
 * @param label that the data set gives it; null if none
 * @param contentSha256 of the image as it was indexed; null if it was not
 * @param mark of the file when it was listed, as of {@link FileMark}; null if there is none
 */
public record ImageRef(
    String id,
    String uri,
    long offset,
    long length,
    @Nullable BlockRecord record,
    @Nullable String label,
    @Nullable String contentSha256,
    @Nullable String mark)
    implements Serializable {
  /** Makes one of a file without a mark, as a {@link ShardFormat} finds it. */
  public ImageRef(
      String id,
      String uri,
      long offset,
      long length,
      @Nullable BlockRecord record,
      @Nullable String label,
      @Nullable String contentSha256) {
    this(id, uri, offset, length, record, label, contentSha256, null);
  }

  /**
   * A record of a block, which only the {@link ShardFormat} of the file can read. A block is read
   * as a whole, so images of one block are read together.
   *
   * @param field that holds the image
   * @param number of the record in its block, from 0
   */
  public record BlockRecord(String field, int number) implements Serializable {}

  /**
   * Returns an image whose bytes lie in a file as they are.
   *
   * @param label that the data set gives it; null if none
   */
  public static ImageRef range(
      String id, String uri, long offset, long length, @Nullable String label) {
    return new ImageRef(id, uri, offset, length, null, label, null);
  }

  /** Returns this with the SHA-256 of its bytes, which are then checked when they are read. */
  public ImageRef withContentSha256(String sha256) {
    return new ImageRef(id, uri, offset, length, record, label, sha256, mark);
  }

  /** Returns the position in the file after the last byte; only of a range. */
  long end() {
    return offset + length;
  }

  /** Returns this with another label; null for none. */
  public ImageRef withLabel(@Nullable String other) {
    return new ImageRef(id, uri, offset, length, record, other, contentSha256, mark);
  }

  /** Returns this with what the store says of the file; null for nothing. */
  ImageRef withMark(@Nullable String other) {
    return new ImageRef(id, uri, offset, length, record, label, contentSha256, other);
  }
}
