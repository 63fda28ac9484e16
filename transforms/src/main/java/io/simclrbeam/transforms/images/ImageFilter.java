package io.simclrbeam.transforms.images;

import java.io.Serializable;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * Which of the images of folders, globs and shards are wanted, by globs of their ids.
 *
 * <p>A glob without a slash is one of names at any depth: {@code *.jpg}. One with a slash is one of
 * paths below the input: {@code 2024/*.jpg}. What matches a folder or a shard, matches all that is
 * in it. {@code *} and {@code ?} stand for any signs but a slash, {@code **} for any signs, {@code
 * [a-z]} and {@code [!a-z]} for one of some signs, {@code {jpg,png}} for one of some words, and a
 * backslash takes the next sign as it is.
 *
 * @param include globs of which one must match; none if all images are wanted
 * @param exclude globs of which none may match
 */
public record ImageFilter(List<String> include, List<String> exclude) implements Serializable {
  /** All images. */
  public static final ImageFilter ALL = new ImageFilter(List.of(), List.of());

  private static final long serialVersionUID = 1;

  /** Copies the lists. */
  public ImageFilter {
    include = List.copyOf(include);
    exclude = List.copyOf(exclude);
  }

  /**
   * Checks a glob.
   *
   * @throws IllegalArgumentException if it makes no sense
   */
  public static String checkGlob(String glob) {
    compile(glob);
    return glob;
  }

  /** Returns each glob with what it is for, such as {@code include=*.jpg}. */
  public List<String> describe() {
    return Stream.concat(
            include.stream().map(glob -> "include=" + glob),
            exclude.stream().map(glob -> "exclude=" + glob))
        .toList();
  }

  /** Returns this, ready for many ids. */
  Compiled compile() {
    return new Compiled(
        include.stream().map(ImageFilter::compile).toList(),
        exclude.stream().map(ImageFilter::compile).toList());
  }

  /** Globs as regular expressions. */
  record Compiled(List<Pattern> include, List<Pattern> exclude) {
    /** Returns whether an image is wanted. */
    boolean chooses(String id) {
      return !excludes(id) && (include.isEmpty() || matches(include, id));
    }

    /** Returns whether nothing is wanted of a file, folder or shard. */
    boolean excludes(String id) {
      return matches(exclude, id);
    }

    private static boolean matches(List<Pattern> globs, String id) {
      for (Pattern glob : globs) { // without a stream, as each image is asked about
        if (glob.matcher(id).matches()) {
          return true;
        }
      }
      return false;
    }
  }

  /**
   * Returns a glob as a regular expression of whole paths, in which {@code *} matches a line break,
   * too.
   *
   * @throws IllegalArgumentException if it makes no sense
   */
  static Pattern pathPattern(String glob) {
    return pattern(regex(glob, glob), glob);
  }

  private static Pattern compile(String glob) {
    String path = glob.replaceFirst("/+$", "");
    boolean anywhere = !path.contains("/") || path.startsWith("**/");
    path = path.replaceFirst("^(\\*\\*)?/+", "");
    if (path.isEmpty()) {
      throw new IllegalArgumentException("'%s' is no glob".formatted(glob));
    }
    return pattern((anywhere ? "(?:.*/)?" : "") + regex(path, glob) + "(?:/.*)?", glob);
  }

  private static Pattern pattern(String regex, String glob) {
    try {
      return Pattern.compile(regex, Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "'%s' is no glob: %s".formatted(glob, e.getDescription()), e);
    }
  }

  private static String regex(String path, String glob) {
    StringBuilder regex = new StringBuilder();
    int words = 0;
    for (int i = 0; i < path.length(); i++) {
      char sign = path.charAt(i);
      switch (sign) {
        case '*' -> {
          boolean any = path.startsWith("**", i);
          regex.append(any ? ".*" : "[^/]*");
          i += any ? 1 : 0;
        }
        case '?' -> regex.append("[^/]");
        case '[' -> {
          int end = path.indexOf(']', i + 2);
          if (end < 0) {
            throw new IllegalArgumentException("'%s' has a [ without a ]".formatted(glob));
          }
          String signs = path.substring(i + 1, end).replace("\\", "\\\\").replace("[", "\\[");
          regex.append('[').append(signs.replaceFirst("^!", "^")).append("&&[^/]]");
          i = end;
        }
        case '{' -> {
          words++;
          regex.append("(?:");
        }
        case '}' -> {
          if (words == 0) {
            throw new IllegalArgumentException("'%s' has a } without a {".formatted(glob));
          }
          words--;
          regex.append(')');
        }
        case ',' -> regex.append(words > 0 ? "|" : ",");
        case '\\' -> {
          i++;
          if (i == path.length()) {
            throw new IllegalArgumentException("'%s' ends in a backslash".formatted(glob));
          }
          int end = path.offsetByCodePoints(i, 1);
          regex.append(Pattern.quote(path.substring(i, end)));
          i = end - 1;
        }
        default -> {
          int end = path.offsetByCodePoints(i, 1);
          regex.append(Pattern.quote(path.substring(i, end)));
          i = end - 1;
        }
      }
    }
    if (words > 0) {
      throw new IllegalArgumentException("'%s' has a { without a }".formatted(glob));
    }
    return regex.toString();
  }
}
