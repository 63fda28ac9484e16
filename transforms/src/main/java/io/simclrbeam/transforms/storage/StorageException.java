package io.simclrbeam.transforms.storage;

import java.io.IOException;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file or folder cannot be read or written. The message gives a reason for a person; the
 * exceptions of object stores' clients are for those who know their protocols.
 */
public final class StorageException extends IOException {
  private static final long serialVersionUID = 1;

  /** Max characters of a reason: clients of S3 list all that they have tried. */
  private static final int LONGEST_REASON = 250;

  /** Google's answers are in the message as they came. */
  private static final Pattern GOOGLE = Pattern.compile("\"message\"\\s*:\\s*\"([^\"]+)\"");

  /** Answers of S3 to requests for a head have no text; {@code null} stands for it. */
  private static final Pattern AMAZON =
      Pattern.compile("^(.*?) \\(Service: \\w+, Status Code: (\\d+)");

  /** How Linux and macOS, their quotas and Windows say that a disk is full. */
  private static final Pattern FULL =
      Pattern.compile(
          "No space left on device|Disk quota exceeded|not enough space on the disk",
          Pattern.CASE_INSENSITIVE);

  /**
   * Says what failed and why.
   *
   * @param done what could not be, such as {@code read}
   */
  public StorageException(String path, String done, Throwable cause) {
    super(
        "%s cannot be %s: %s. %s".formatted(path, done, reason(cause), advice(path, reason(cause))),
        cause);
  }

  private static String advice(String path, String reason) {
    return isFull(reason)
        ? "Make room there; the same command then goes on."
        : LocalPaths.isLocal(path)
            ? "Check the path, and what this user may do there."
            : "Check the address, the network, and what the credentials allow.";
  }

  /** Returns whether a text, such as that of an exception, says that a disk is full. */
  public static boolean isFull(String text) {
    return FULL.matcher(text).find();
  }

  /** Returns in a line, without a period, why a file system could not do something. */
  public static String reason(Throwable thrown) {
    Throwable root = thrown;
    @Nullable String amazon = null;
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      Matcher google = GOOGLE.matcher(message);
      if (google.find()) {
        return line(google.group(1));
      }
      Matcher answer = AMAZON.matcher(message);
      if (answer.find()) { // the innermost decides, as each wraps the text of the next
        amazon =
            answer.group(1).equals("null")
                ? meaning(Integer.parseInt(answer.group(2)))
                : answer.group(1);
      }
      root = cause;
    }
    if (amazon != null) {
      return line(amazon);
    }
    if (root instanceof UnknownHostException) {
      return line("there is no host " + root.getMessage());
    }
    return line(root.getMessage() == null ? root.toString() : root.getMessage());
  }

  /** Returns whether a file system says that something is not there. */
  static boolean isNotFound(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      Matcher amazon = AMAZON.matcher(String.valueOf(cause.getMessage()));
      if (amazon.find() && amazon.group(2).equals("404")) {
        return true;
      }
    }
    return false;
  }

  private static String meaning(int status) {
    return switch (status) {
      case 301, 307, 400 -> "the request is refused (%d), as with a wrong region".formatted(status);
      case 401, 403 -> "access is denied (%d)".formatted(status);
      case 404 -> "it is not there (404)";
      default -> "the answer is status " + status;
    };
  }

  private static String line(@Nullable String text) {
    String line = String.valueOf(text).lines().findFirst().orElse("").replaceAll("[.\\s]+$", "");
    return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON) + " ...";
  }
}
