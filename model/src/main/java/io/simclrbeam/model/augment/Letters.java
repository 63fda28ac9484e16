package io.simclrbeam.model.augment;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * Letters made of dots, of ASCII and the ellipsis; any other character is a frame. The JDK draws
 * text with the fonts of the machine. A container may have none, on which the JDK fails, and others
 * have different ones, so that equal sheets would not be equal bytes.
 */
final class Letters {
  /** Dots from a letter to the next. */
  static final int ADVANCE = 6;

  /** Dots from the top of a capital to the foot of a letter such as p. */
  static final int HEIGHT = 9;

  private static final int WIDTH = 5;
  private static final int CAPITAL = 7;
  private static final char ELLIPSIS = '\u2026';
  private static final int PER_BAND = 12;
  private static final int FIRST = ' ';
  private static final int LAST = '~';

  /** Bands of twelve letters side by side, in the order of ASCII; the ellipsis is the last. */
  private static final List<String> DRAWN = read();

  private Letters() {}

  private static List<String> read() {
    try (InputStream in =
        Objects.requireNonNull(Letters.class.getResourceAsStream("letters.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns whether a letter has a dot at a place, counted from its upper left corner. */
  static boolean isDot(char letter, int x, int y) {
    if (letter != ELLIPSIS && (letter < FIRST || letter > LAST)) {
      boolean side = x == 0 || x == WIDTH - 1;
      return y < CAPITAL && x < WIDTH && (side || y == 0 || y == CAPITAL - 1);
    }
    int index = letter == ELLIPSIS ? LAST - FIRST + 1 : letter - FIRST;
    String row = DRAWN.get(index / PER_BAND * (HEIGHT + 1) + y);
    return x < WIDTH && row.charAt(index % PER_BAND * ADVANCE + x) == '#';
  }

  /** Returns a text with its end instead of all of it, if it has too many characters. */
  static String shortened(String text, int most) {
    return text.length() <= most ? text : ELLIPSIS + text.substring(text.length() - most + 1);
  }
}
