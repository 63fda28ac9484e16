package io.simclrbeam.transforms.storage;

/** A text as one line of a file, whatever characters it has. */
public final class TextLine {
  private TextLine() {}

  /** Returns the text with line breaks and backslashes as {@code \n}, {@code \r} and {@code \\}. */
  public static String of(String text) {
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
  }
}
