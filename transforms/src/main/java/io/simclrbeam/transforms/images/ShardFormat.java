package io.simclrbeam.transforms.images;

import io.simclrbeam.model.image.RejectReason;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * A format of files that hold many images. {@link ListImages} finds the images of such a file, and
 * {@link ImageReader} reads them.
 *
 * <p>A format is a service: a class with a public constructor without arguments, named in {@code
 * META-INF/services/io.simclrbeam.transforms.images.ShardFormat} of a jar that is loaded by the
 * class loader of this interface. For example, a format that packs images behind each other and
 * lists their sizes at the end needs nothing but its suffix and its scan, as its images are ranges
 * of the file:
 *
 * <pre>{@code
 * public final class PackFormat implements ShardFormat {
 *   public List<String> suffixes() {
 *     return List.of(".pack");
 *   }
 *
 *   public void scan(Shard shard, RecordFields fields, Found found) throws IOException {
 *     try (SeekableByteChannel file = Shard.open(shard.uri())) {
 *       for (Entry entry : readEntries(file)) {
 *         found.image(
 *             ImageRef.range(shard.recordId(entry.number()), shard.uri(),
 *                 entry.offset(), entry.size(), entry.label()));
 *       }
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>Formats hold no state: one object serves all threads.
 */
public interface ShardFormat {
  /** Bytes of a file that {@link #begins} gets. */
  int FIRST_BYTES = 512;

  /**
   * Returns the endings of its files' names, such as {@code .tar}, in lower case. Names have them
   * in any case. No other format has them.
   */
  List<String> suffixes();

  /** Returns whether the name of a file announces this format. */
  default boolean matches(String name) {
    for (String suffix :
        suffixes()) { // without a stream, as each file that is opened is asked about
      int start = name.length() - suffix.length();
      if (name.regionMatches(true, start, suffix, 0, suffix.length())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns whether a file begins as one of this format. Only files whose names say nothing are
   * asked about. Their images must be ranges, as {@link #open} is not called for them.
   *
   * @param first bytes of the file, {@value #FIRST_BYTES} or all that there are
   */
  default boolean begins(byte[] first) {
    return false;
  }

  /**
   * Finds the images of a shard.
   *
   * @param fields of records that the user wants, where a format has fields
   * @throws IOException if the shard is damaged; what comes before the damage has been found. That
   *     its file system fails is no damage: see {@link Shard#open}
   */
  void scan(Shard shard, RecordFields fields, Found found) throws IOException;

  /**
   * Opens a file to read images that {@link #scan} found. Ranges need no more than this default; a
   * format whose images are {@link ImageRef.BlockRecord}s opens its own reader.
   *
   * @param image the first of those that will be read
   * @throws IOException if the file cannot be opened
   */
  default OpenFile open(ImageRef image) throws IOException {
    return new PlainFile(Shard.open(image.uri()));
  }

  /** Takes what a scan finds. */
  interface Found {
    /** An image, usable or not: its bytes are looked at later. */
    void image(ImageRef image);

    /** A record without a usable image. */
    void reject(String id, RejectReason reason, String detail);

    /** Counts what is no image by rule, and no reject. */
    PassedOver passedOver();
  }

  /** A file that is open for reading images. For one thread at a time. */
  interface OpenFile extends Closeable {
    /**
     * Reads images that lie together: ranges in ascending order with small gaps, or records of one
     * block, in any order. All of them are in the same file.
     *
     * @return the bytes of each, in the same order
     * @throws IOException if one of them cannot be read; each is then read alone
     */
    List<byte[]> read(List<ImageRef> images) throws IOException;
  }
}
