package io.simclrbeam.model.sample;

import io.simclrbeam.model.random.Purpose;
import io.simclrbeam.model.random.SeededRandom;
import java.util.stream.DoubleStream;

/**
 * The textures that tell the classes of the sample data set apart. Each is a function of the plane,
 * and the part of the plane where it is below a level is painted.
 */
enum Pattern {
  BLOBS {
    @Override
    double at(double u, double v, long key) {
      double x = 2 * u;
      double y = 2 * v;
      double column = Math.floor(x);
      double row = Math.floor(y);
      double a = smooth(x - column);
      double b = smooth(y - row);
      double top = (1 - a) * noise(key, column, row) + a * noise(key, column + 1, row);
      double bottom = (1 - a) * noise(key, column, row + 1) + a * noise(key, column + 1, row + 1);
      return (1 - b) * top + b * bottom;
    }
  },
  BRICKS {
    @Override
    double at(double u, double v, long key) {
      double course = Math.floor(2 * v);
      return -Math.min(toInteger(u + course / 2), toInteger(2 * v) / 2);
    }
  },
  CHECKS {
    @Override
    double at(double u, double v, long key) {
      return toInteger(u) + toInteger(v);
    }
  },
  DIAGONAL {
    /** Either direction, as an image may be mirrored. */
    @Override
    double at(double u, double v, long key) {
      return toInteger(key % 2 == 0 ? u + v : u - v);
    }
  },
  DIAMONDS {
    @Override
    double at(double u, double v, long key) {
      return toInteger(0.75 * (u + v)) + toInteger(0.75 * (u - v));
    }
  },
  DOTS {
    @Override
    double at(double u, double v, long key) {
      return length(toInteger(u), toInteger(v));
    }
  },
  HORIZONTAL {
    @Override
    double at(double u, double v, long key) {
      return toInteger(1.5 * v);
    }
  },
  RINGS {
    @Override
    double at(double u, double v, long key) {
      return Math.abs(length(toInteger(u), toInteger(v)) - 0.32);
    }
  },
  VERTICAL {
    @Override
    double at(double u, double v, long key) {
      return toInteger(1.5 * u);
    }
  },
  ZIGZAGS {
    @Override
    double at(double u, double v, long key) {
      return toInteger(2 * v + 2 * toInteger(u));
    }
  };

  /**
   * Returns the value at a point of the plane, where figures are about 1 apart.
   *
   * @param key of the chance in patterns that do not repeat
   */
  abstract double at(double u, double v, long key);

  /** Returns the values at random points of the plane, ascending, double {@code [16384]}. */
  double[] quantiles() {
    SeededRandom random = SampleImages.streams(0).stream(Purpose.SAMPLE_LEVELS);
    return DoubleStream.generate(() -> at(random.uniform(0, 1000), random.uniform(0, 1000), 0))
        .limit(1 << 14)
        .sorted()
        .toArray();
  }

  /** Returns the distance to the nearest integer. */
  private static double toInteger(double x) {
    return Math.abs(x - Math.rint(x));
  }

  private static double length(double x, double y) {
    return Math.sqrt(x * x + y * y);
  }

  private static double noise(long key, double column, double row) {
    return SampleImages.streams(key).stream(Purpose.SAMPLE_TEXTURE, (long) column, (long) row)
        .nextDouble();
  }

  private static double smooth(double t) {
    return t * t * (3 - 2 * t);
  }
}
