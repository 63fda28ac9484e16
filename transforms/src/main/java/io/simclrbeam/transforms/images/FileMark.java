package io.simclrbeam.transforms.images;

import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.jspecify.annotations.Nullable;

/**
 * What a store says of a file without reading it. While that stays the same, so does the file.
 *
 * <p>Of a local file it is the size, the time of the last change in nanoseconds, and the inode. It
 * does not see a change in place that leaves the size as it is and sets the time back. Of a file
 * elsewhere it is the size, the time of the last change, and the checksum if the store gives one.
 *
 * <p>A file that has changed just now has no mark, as a second change may leave the same time.
 */
final class FileMark {
  /** No file system that is in use counts in larger steps; FAT's are of 2 seconds. */
  private static final Duration SETTLED = Duration.ofSeconds(5);

  private static final Pattern INODE = Pattern.compile("ino=(\\d+)");

  private FileMark() {}

  /** Returns the mark of a local file; null if it has none. */
  static @Nullable String of(BasicFileAttributes file) {
    Instant changed = file.lastModifiedTime().toInstant();
    Matcher inode = INODE.matcher(String.valueOf(file.fileKey()));
    return mark(file.size(), changed, inode.find() ? inode.group(1) : null);
  }

  /** Returns the mark of a file elsewhere; null if it has none. */
  static @Nullable String of(MatchResult.Metadata file) {
    return file.lastModifiedMillis() <= 0 // which means that it is not known
        ? null
        : mark(file.sizeBytes(), Instant.ofEpochMilli(file.lastModifiedMillis()), file.checksum());
  }

  private static @Nullable String mark(long size, Instant changed, @Nullable String more) {
    if (changed.isAfter(Clock.systemUTC().instant().minus(SETTLED))) {
      return null;
    }
    String mark = "%d %d.%09d".formatted(size, changed.getEpochSecond(), changed.getNano());
    return more == null ? mark : mark + " " + more;
  }
}
