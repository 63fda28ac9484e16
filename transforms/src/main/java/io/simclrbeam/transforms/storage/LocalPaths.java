package io.simclrbeam.transforms.storage;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Files of this machine as text, the same in any locale. Java turns names into text by the locale's
 * encoding, and back: without a locale, as in a job of cron, only ASCII survives that, and names
 * that are not in the encoding never do. But a path as a URI has its bytes, and names are UTF-8
 * nearly always.
 */
public final class LocalPaths {
  private static final String SCHEME = "file:";

  private static final boolean UTF_8_LOCALE =
      "UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding"));

  /** What Java makes of bytes that are not in the locale's encoding. */
  private static final char NO_TEXT = '\ufffd';

  /** As Beam tells schemes. */
  private static final Pattern ANY_SCHEME =
      Pattern.compile("[a-zA-Z][-a-zA-Z0-9+.]*:/.*", Pattern.DOTALL);

  private LocalPaths() {}

  /** Returns whether an address is one of a file or folder on this machine. */
  public static boolean isLocal(String address) {
    return address.startsWith(SCHEME) || !ANY_SCHEME.matcher(address).matches();
  }

  /**
   * Returns the path of an address that is local.
   *
   * @param address a path, or a {@code file:} URI; in the latter, a percent sign and two
   *     hexadecimal digits are a byte
   * @throws java.nio.file.InvalidPathException if it is no path
   */
  public static Path of(String address) {
    byte[] bytes;
    if (address.startsWith(SCHEME)) {
      String path = address.substring(SCHEME.length());
      bytes = unescaped(path.startsWith("//") ? path.replaceFirst("^//[^/]*", "") : path);
    } else {
      bytes = address.getBytes(StandardCharsets.UTF_8);
    }
    @Nullable String text = utf8(bytes);
    if (text != null && isExact(text)) {
      return Path.of(text);
    }
    return bytes[0] == '/' ? absolute(bytes) : workingFolder().relativize(relative(bytes));
  }

  /**
   * Returns why nothing can be written to a folder of this machine, which need not exist yet; null
   * if nothing is known to be in the way.
   */
  public static @Nullable String whyNotWritable(String folder) {
    Path there = of(folder).toAbsolutePath();
    while (!Files.exists(there)) {
      @Nullable Path parent = there.getParent();
      if (parent == null) {
        return null;
      }
      there = parent;
    }
    if (!Files.isDirectory(there)) {
      return "%s is a file, but must be a folder".formatted(there);
    }
    if (!Files.isWritable(there)) {
      return "this user may not write to %s".formatted(there);
    }
    try {
      return Files.getFileStore(there).getUsableSpace() == 0
          ? "there is no room on the disk of %s".formatted(there)
          : null;
    } catch (IOException e) {
      return null; // who writes will see
    }
  }

  /**
   * Returns the address that leads to the same place from any working folder. It has no {@code .},
   * no {@code ..} and no slash at its end.
   *
   * @param address as {@link #of} takes it, or a glob of such; one that is not local is returned as
   *     it is
   */
  public static String absolute(String address) {
    return isLocal(address) ? address(of(address)) : address;
  }

  /** What {@code ..} leads to depends on links. */
  private static Path absolute(Path path) {
    Path all = path.toAbsolutePath();
    int behind = all.getNameCount();
    while (behind > 0 && !all.getName(behind - 1).toString().equals("..")) {
      behind--;
    }
    if (behind == 0) {
      return all.normalize();
    }
    try {
      Path real = all.getRoot().resolve(all.subpath(0, behind)).toRealPath();
      return behind == all.getNameCount()
          ? real
          : real.resolve(all.subpath(behind, all.getNameCount())).normalize();
    } catch (IOException e) {
      return all.normalize(); // it is not there
    }
  }

  private static Path relative(byte[] bytes) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(bytes(workingFolder()));
    all.write('/');
    all.writeBytes(bytes);
    return absolute(all.toByteArray());
  }

  private static Path absolute(byte[] bytes) {
    StringBuilder uri = new StringBuilder("file://");
    for (byte value : bytes) {
      if (value == '/') {
        uri.append('/');
      } else {
        escape(value, uri);
      }
    }
    return Path.of(URI.create(uri.toString()));
  }

  /**
   * Returns the address of a path from any working folder, which {@link #of} turns into the path:
   * the absolute path, or a URI if it is not UTF-8.
   */
  public static String address(Path relative) {
    Path path = absolute(relative);
    String text = path.toString();
    if (isExact(text)) {
      return text;
    }
    @Nullable String utf8 = utf8(bytes(path));
    return utf8 == null ? path.toUri().toString() : utf8;
  }

  /** Returns a path that is relative, or a name, as text. See {@link #text(byte[])}. */
  public static String text(Path relative) {
    String text = relative.toString();
    return isExact(text) && text.indexOf('%') < 0 ? text : text(bytes(relative));
  }

  /**
   * Returns the bytes of a path as text, other text for other bytes. A name that is UTF-8 is its
   * text. Any other is written as in a URI: with a percent sign and two hexadecimal digits in place
   * of each byte that is not UTF-8, and of each percent sign. So is a name that is itself what
   * another name is written as: the name {@code %ff} is {@code %25ff}, as {@code %ff} is the byte.
   */
  public static String text(byte[] path) {
    StringBuilder text = new StringBuilder();
    int from = 0;
    for (int i = 0; i <= path.length; i++) {
      if (i == path.length || path[i] == '/') {
        byte[] name = Arrays.copyOfRange(path, from, i);
        @Nullable String utf8 = utf8(name);
        text.append(utf8 == null || isWritten(utf8) ? escaped(name) : utf8);
        text.append(i == path.length ? "" : "/");
        from = i + 1;
      }
    }
    return text.toString();
  }

  /** Returns whether another name is written so. */
  private static boolean isWritten(String name) {
    if (name.indexOf('%') < 0) {
      return false;
    }
    byte[] other = unescaped(name);
    if (other.length == name.getBytes(StandardCharsets.UTF_8).length
        || !escaped(other).equals(name)) {
      return false;
    }
    @Nullable String utf8 = utf8(other);
    return utf8 == null || isWritten(utf8);
  }

  private static String escaped(byte[] name) {
    StringBuilder text = new StringBuilder();
    ByteBuffer in = ByteBuffer.wrap(name);
    CharBuffer out = CharBuffer.allocate(name.length);
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder(); // it reports what is malformed
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      text.append(out.flip().toString().replace("%", "%25"));
      out.clear();
      if (!result.isError()) {
        return text.toString();
      }
      for (int i = 0; i < result.length(); i++) {
        escape(in.get(), text);
      }
    }
  }

  private static void escape(byte value, StringBuilder text) {
    text.append('%')
        .append(Character.forDigit(value >> 4 & 15, 16))
        .append(Character.forDigit(value & 15, 16));
  }

  private static byte[] unescaped(String text) {
    byte[] escaped = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < escaped.length; i++) {
      int high = i + 2 < escaped.length ? Character.digit(escaped[i + 1], 16) : -1;
      int low = i + 2 < escaped.length ? Character.digit(escaped[i + 2], 16) : -1;
      if (escaped[i] == '%' && high >= 0 && low >= 0) {
        bytes.write(high << 4 | low);
        i += 2;
      } else {
        bytes.write(escaped[i]);
      }
    }
    return bytes.toByteArray();
  }

  /** Returns the bytes that the file system knows a path by. */
  private static byte[] bytes(Path path) {
    byte[] bytes = unescaped(path.toAbsolutePath().toUri().getRawPath());
    if (bytes.length > 1 && bytes[bytes.length - 1] == '/') { // of a folder
      bytes = Arrays.copyOf(bytes, bytes.length - 1);
    }
    return path.isAbsolute()
        ? bytes
        : Arrays.copyOfRange(bytes, bytes(workingFolder()).length + 1, bytes.length);
  }

  private static Path workingFolder() {
    return Path.of("").toAbsolutePath();
  }

  private static @Nullable String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /**
   * Returns whether text and its path have the same bytes, here where Java turns one to the other.
   */
  private static boolean isExact(String text) {
    for (int i = 0; i < text.length(); i++) {
      char sign = text.charAt(i);
      if (sign > 127 && (!UTF_8_LOCALE || sign == NO_TEXT)) {
        return false;
      }
    }
    return true;
  }
}
