package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.storage.LocalPaths;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.tar.TarUtils;

/**
 * Names of entries by their bytes. A name that is not UTF-8 is read with signs in place of bytes.
 * The bytes are in one of the headers of the entry: its own, one with a long name of GNU tar before
 * it, or one of pax.
 */
final class TarName {
  private static final int RECORD = TarConstants.DEFAULT_RCDSIZE;

  /** Where a header has the size and the kind of what follows, and the start of a long name. */
  private static final int SIZE = 124;

  private static final int KIND = 156;
  private static final int PREFIX = 345;

  private static final byte[] PATH = "path=".getBytes(StandardCharsets.US_ASCII);

  /** What stands in place of bytes: the one in headers, the other in those of pax. */
  private static final char REPLACED = '?';

  private static final char REPLACED_IN_PAX = '\ufffd';

  /** Headers that are longer have no names. */
  private static final int LONGEST = 1 << 20;

  private TarName() {}

  /**
   * Returns the name of an entry as {@link LocalPaths#text(byte[])} has it.
   *
   * @param start where the entry's headers start
   * @param end where they end, and the channel is, before and after
   */
  static String of(TarArchiveEntry entry, SeekableByteChannel channel, long start, long end)
      throws IOException {
    String name = entry.getName();
    if (isReplaced(name) && end - start >= RECORD && end - start <= LONGEST) {
      ByteBuffer headers = ByteBuffer.allocate((int) (end - start));
      channel.position(start);
      while (headers.hasRemaining() && channel.read(headers) >= 0) {
        // until they are whole
      }
      channel.position(end);
      for (byte[] written : names(headers.array())) {
        if (asRead(new String(written, StandardCharsets.UTF_8)).equals(asRead(name))) {
          return LocalPaths.text(written);
        }
      }
    }
    return LocalPaths.text(name.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean isReplaced(String name) {
    return name.indexOf(REPLACED) >= 0 || name.indexOf(REPLACED_IN_PAX) >= 0;
  }

  /** Returns a name with one sign in place of bytes, and without slashes that are dropped. */
  private static String asRead(String name) {
    return name.replace(REPLACED_IN_PAX, REPLACED).replaceFirst("^/+", "");
  }

  /** Returns how far a header leads to the next. */
  static long padded(long size) {
    return (size + RECORD - 1) / RECORD * RECORD;
  }

  /** Returns all names in the headers of an entry, of which the last is its own. */
  private static List<byte[]> names(byte[] headers) {
    List<byte[]> names = new ArrayList<>();
    int own = headers.length - RECORD;
    int at = 0;
    while (at < own) {
      long size = size(headers, at);
      int from = at + RECORD;
      if (size < 0 || size > own - from) {
        break;
      }
      if (headers[at + KIND] == TarConstants.LF_GNUTYPE_LONGNAME) {
        names.add(field(headers, from, (int) size));
      } else if (headers[at + KIND] == TarConstants.LF_PAX_EXTENDED_HEADER_LC) {
        addPath(headers, from, from + (int) size, names);
      }
      at = from + (int) padded(size);
    }
    byte[] name = field(headers, own, TarConstants.NAMELEN);
    byte[] prefix = field(headers, own + PREFIX, TarConstants.PREFIXLEN);
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(prefix);
    whole.write('/');
    whole.writeBytes(name);
    names.add(whole.toByteArray());
    names.add(name); // GNU tar has other things where others have the prefix
    return names;
  }

  private static long size(byte[] headers, int at) {
    try {
      return TarUtils.parseOctalOrBinary(headers, at + SIZE, TarConstants.SIZELEN);
    } catch (IllegalArgumentException e) {
      return -1;
    }
  }

  /** Adds the path in records of pax: a decimal length, a space, a key, a value, a line break. */
  private static void addPath(byte[] headers, int from, int to, List<byte[]> names) {
    int at = from;
    while (at < to) {
      int length = 0;
      int key = at;
      while (key < to && headers[key] >= '0' && headers[key] <= '9' && length <= LONGEST) {
        length = 10 * length + headers[key++] - '0';
      }
      key++;
      if (length < key - at || length > to - at) {
        return;
      }
      int value = key + PATH.length;
      int end = at + length - 1;
      if (value <= end && Arrays.equals(headers, key, value, PATH, 0, PATH.length)) {
        names.add(Arrays.copyOfRange(headers, value, end));
      }
      at += length;
    }
  }

  /** Returns the bytes of a field in a header up to the first that is zero. */
  private static byte[] field(byte[] header, int from, int length) {
    int end = from;
    while (end < from + length && header[end] != 0) {
      end++;
    }
    return Arrays.copyOfRange(header, from, end);
  }
}
