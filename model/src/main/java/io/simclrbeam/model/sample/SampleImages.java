package io.simclrbeam.model.sample;

import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.random.Purpose;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.random.SeededRandom;
import io.simclrbeam.model.settings.SettingsVersion;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A generated data set of ten classes of textures, such as stripes, dots and bricks. It is for
 * trying out training and evaluation without images of one's own.
 *
 * <p>The class decides the texture and nothing else: position, tilt, scale, colors, light and
 * noise, and how much of the image is painted, are drawn from the same distributions for every
 * class. So colors do not tell the classes apart. Single pixels hardly do, as the light differs
 * more than the figures. What crops of an image have in common does. Pixels are a pure function of
 * the arguments, the same on every machine.
 */
public final class SampleImages {
  private static final List<Pattern> PATTERNS = List.of(Pattern.values());
  private static final List<String> CLASS_NAMES =
      PATTERNS.stream().map(pattern -> pattern.name().toLowerCase(Locale.ROOT)).toList();

  /** The levels of each pattern that divide the plane into equal parts. */
  private static final List<double[]> LEVELS = PATTERNS.stream().map(Pattern::quantiles).toList();

  /** In radians; about 11 degrees. */
  private static final double LARGEST_TILT = 0.2;

  /** Points along each side of a pixel. Their mean smooths the edges of figures. */
  private static final int SUPERSAMPLES = 4;

  private SampleImages() {}

  /** Returns the names of the classes in the order of their numbers. */
  public static List<String> classNames() {
    return CLASS_NAMES;
  }

  /**
   * Draws an image.
   *
   * @param classIndex the class, from 0 to 9
   * @param index the number of the image, which decides all but the class
   * @param size width and height in pixels, at least 8
   * @param seed of the data set
   * @throws IllegalArgumentException if the class or the size is out of its range
   */
  public static RgbImage draw(int classIndex, long index, int size, long seed) {
    if (classIndex < 0 || classIndex >= PATTERNS.size()) {
      throw new IllegalArgumentException(
          "the class must be from 0 to %d, but is %d".formatted(PATTERNS.size() - 1, classIndex));
    }
    if (size < 8) {
      throw new IllegalArgumentException("the size must be at least 8 pixels, but is " + size);
    }
    SeededRandom random = streams(seed).stream(Purpose.SAMPLE_IMAGE, index);
    double[] coverage = coverage(classIndex, size, random);
    double[][] colors = colors(random);
    double lightAcross = random.uniform(-0.75, 0.75);
    double lightDown = random.uniform(-0.75, 0.75);
    double noise = random.uniform(0, 0.05);
    byte[] pixels = new byte[size * size * 3];
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        double painted = coverage[y * size + x];
        double light =
            lightAcross * ((x + 0.5) / size - 0.5) + lightDown * ((y + 0.5) / size - 0.5);
        for (int c = 0; c < 3; c++) {
          double paint = colors[0][c] + painted * (colors[1][c] - colors[0][c]);
          double value = paint + light + noise * random.nextGaussian();
          pixels[(y * size + x) * 3 + c] = (byte) Math.round(255 * Math.max(0, Math.min(1, value)));
        }
      }
    }
    return new RgbImage(size, size, pixels);
  }

  /**
   * Returns the random numbers of a seed, in the version that the data set was first drawn with.
   */
  static RandomStreams streams(long seed) {
    return new RandomStreams(seed, SettingsVersion.V1);
  }

  /** Returns the painted part of each pixel, double {@code [size, size]} in [0, 1], row-major. */
  private static double[] coverage(int classIndex, int size, SeededRandom random) {
    double angle = random.uniform(-LARGEST_TILT, LARGEST_TILT);
    double period = random.uniform(0.16, 0.26) * size;
    double cos = StrictMath.cos(angle) / period;
    double sin = StrictMath.sin(angle) / period;
    double u0 = random.uniform(0, 100);
    double v0 = random.uniform(0, 100);
    double[] levels = LEVELS.get(classIndex);
    double level = levels[(int) (random.uniform(0.3, 0.5) * levels.length)];
    long key = random.nextLong();
    Pattern pattern = PATTERNS.get(classIndex);
    double[] coverage = new double[size * size];
    int side = size * SUPERSAMPLES;
    for (int row = 0; row < side; row++) {
      double y = (row + 0.5) / SUPERSAMPLES;
      for (int column = 0; column < side; column++) {
        double x = (column + 0.5) / SUPERSAMPLES;
        if (pattern.at(u0 + cos * x - sin * y, v0 + sin * x + cos * y, key) < level) {
          coverage[row / SUPERSAMPLES * size + column / SUPERSAMPLES] +=
              1.0 / (SUPERSAMPLES * SUPERSAMPLES);
        }
      }
    }
    return coverage;
  }

  /**
   * Returns the colors of ground and figures, double {@code [2, 3]} RGB, about in [0, 1]. Either
   * may be the lighter one. Both are rather gray: vivid colors would tell images apart so easily
   * that a network would learn nothing else.
   */
  private static double[][] colors(SeededRandom random) {
    double contrast = random.uniform(0.3, 0.5);
    double middle = random.uniform(0.1 + contrast / 2, 0.9 - contrast / 2);
    double step = random.nextInt(2) == 0 ? contrast : -contrast;
    return new double[][] {
      tinted(middle - step / 2, random), tinted(middle + step / 2, random),
    };
  }

  /** Returns a color of a given luma (ITU-R BT.601). */
  private static double[] tinted(double luma, SeededRandom random) {
    double[] tint = new double[3];
    for (int channel = 0; channel < 3; channel++) {
      tint[channel] = random.uniform(-0.1, 0.1);
    }
    double change = luma - (0.299 * tint[0] + 0.587 * tint[1] + 0.114 * tint[2]);
    return Arrays.stream(tint).map(value -> value + change).toArray();
  }
}
