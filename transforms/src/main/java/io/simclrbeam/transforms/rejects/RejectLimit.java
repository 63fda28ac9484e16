package io.simclrbeam.transforms.rejects;

import java.io.Serializable;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many images a job may reject before it counts as failed.
 *
 * @param value a number of images, or a share of all
 * @param percent whether the value is a percentage
 */
public record RejectLimit(double value, boolean percent) implements Serializable {
  private static final Pattern SYNTAX = Pattern.compile("(\\d+(?:\\.\\d+)?)(%?)");

  /**
   * Parses {@code 5%} or {@code 100}.
   *
   * @throws IllegalArgumentException if the text is neither
   */
  public static RejectLimit parse(String text) {
    Matcher matcher = SYNTAX.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is neither a percentage such as 5%% nor a number of images such as 100"
              .formatted(text));
    }
    double value = Double.parseDouble(matcher.group(1));
    boolean percent = !matcher.group(2).isEmpty();
    if (percent && value > 100) {
      throw new IllegalArgumentException("'%s' is more than 100%%".formatted(text));
    }
    return new RejectLimit(value, percent);
  }

  /**
   * Returns whether there are too many rejects.
   *
   * @param rejected number of images that were rejected
   * @param all number of images, the rejected ones included
   */
  public boolean isExceeded(long rejected, long all) {
    return rejected > (percent ? value / 100 * all : value);
  }

  @Override
  public String toString() {
    String number = String.format(Locale.ROOT, "%s", value).replaceFirst("\\.0$", "");
    return percent ? number + "%" : number;
  }
}
