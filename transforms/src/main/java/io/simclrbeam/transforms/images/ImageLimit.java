package io.simclrbeam.transforms.images;

import java.io.Serializable;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many images of all something may happen to, such as a reject or a deletion.
 *
 * @param value a number of images, or a share of all
 * @param percent whether the value is a percentage
 */
public record ImageLimit(double value, boolean percent) implements Serializable {
  private static final Pattern SYNTAX = Pattern.compile("(\\d+(?:\\.\\d+)?)(%?)");

  /**
   * Parses {@code 5%} or {@code 100}.
   *
   * @throws IllegalArgumentException if the text is neither
   */
  public static ImageLimit parse(String text) {
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
    return new ImageLimit(value, percent);
  }

  /**
   * Returns how many images are allowed.
   *
   * @param all number of images, which a percentage is of
   */
  public double of(long all) {
    return percent ? value / 100 * all : value;
  }

  /**
   * Returns whether it happened to too many images.
   *
   * @param images that it happened to
   * @param all number of images, those included
   */
  public boolean isExceeded(long images, long all) {
    return images > of(all);
  }

  @Override
  public String toString() {
    String number = String.format(Locale.ROOT, "%s", value).replaceFirst("\\.0$", "");
    return percent ? number + "%" : number;
  }
}
