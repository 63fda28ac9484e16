package io.simclrbeam.model.augment;

import io.simclrbeam.model.image.RgbImage;

/**
 * The slow, obvious twins of the augmentation: PIL's and torchvision's arithmetic, pixel by pixel,
 * with nothing reused and nothing reordered.
 */
final class PilOperations {
  private PilOperations() {}

  /** PIL's {@code crop} and {@code resize}, with its 22-bit weights and 8 bits between passes. */
  static RgbImage resize(
      RgbImage image, CropBox crop, int width, int height, Interpolation interpolation) {
    int[][][] source = new int[crop.height()][crop.width()][3];
    for (int y = 0; y < crop.height(); y++) {
      for (int x = 0; x < crop.width(); x++) {
        for (int c = 0; c < 3; c++) {
          source[y][x][c] = level(image, crop.left() + x, crop.top() + y, c);
        }
      }
    }
    int[][][] across = new int[crop.height()][width][3];
    for (int x = 0; x < width; x++) {
      Taps taps = new Taps(x, crop.width(), width, interpolation);
      for (int y = 0; y < crop.height(); y++) {
        for (int c = 0; c < 3; c++) {
          int sum = 1 << 21;
          for (int k = 0; k < taps.weights.length; k++) {
            sum += taps.weights[k] * source[y][taps.first + k][c];
          }
          across[y][x][c] = clip(sum >> 22);
        }
      }
    }
    byte[] pixels = new byte[width * height * 3];
    for (int y = 0; y < height; y++) {
      Taps taps = new Taps(y, crop.height(), height, interpolation);
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          int sum = 1 << 21;
          for (int k = 0; k < taps.weights.length; k++) {
            sum += taps.weights[k] * across[taps.first + k][x][c];
          }
          pixels[(y * width + x) * 3 + c] = (byte) clip(sum >> 22);
        }
      }
    }
    return new RgbImage(width, height, pixels);
  }

  private static final class Taps {
    final int first;
    final int[] weights;

    Taps(int output, int sourceLength, int outputLength, Interpolation interpolation) {
      double scale = (double) sourceLength / outputLength;
      double filterScale = Math.max(1, scale);
      double support = (interpolation == Interpolation.BILINEAR ? 1 : 2) * filterScale;
      double center = (output + 0.5) * scale;
      first = Math.max(0, (int) (center - support + 0.5));
      int end = Math.min(sourceLength, (int) (center + support + 0.5));
      double[] exact = new double[end - first];
      double sum = 0;
      for (int k = 0; k < exact.length; k++) {
        exact[k] = filter(interpolation, (k + first - center + 0.5) / filterScale);
        sum += exact[k];
      }
      weights = new int[exact.length];
      for (int k = 0; k < exact.length; k++) {
        double weight = exact[k] / sum * (1 << 22);
        weights[k] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
      }
    }

    private static double filter(Interpolation interpolation, double distance) {
      double x = Math.abs(distance);
      double a = -0.5;
      if (interpolation == Interpolation.BILINEAR) {
        return x < 1 ? 1 - x : 0;
      }
      if (x < 1) {
        return ((a + 2) * x - (a + 3)) * x * x + 1;
      }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }
  }

  static RgbImage flip(RgbImage image) {
    byte[] pixels = new byte[image.pixels().length];
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        for (int c = 0; c < 3; c++) {
          pixels[(y * image.width() + x) * 3 + c] =
              (byte) level(image, image.width() - 1 - x, y, c);
        }
      }
    }
    return new RgbImage(image.width(), image.height(), pixels);
  }

  static RgbImage brightness(RgbImage image, double factor) {
    return mapPixels(image, rgb -> blend(0, 0, 0, rgb, factor));
  }

  static RgbImage contrast(RgbImage image, double factor) {
    long sum = 0;
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        sum += luma(level(image, x, y, 0), level(image, x, y, 1), level(image, x, y, 2));
      }
    }
    int mean = (int) ((double) sum / (image.width() * image.height()) + 0.5);
    return mapPixels(image, rgb -> blend(mean, mean, mean, rgb, factor));
  }

  static RgbImage saturation(RgbImage image, double factor) {
    return mapPixels(
        image,
        rgb -> {
          int luma = luma(rgb[0], rgb[1], rgb[2]);
          return blend(luma, luma, luma, rgb, factor);
        });
  }

  static RgbImage grayscale(RgbImage image) {
    return mapPixels(
        image,
        rgb -> {
          int luma = luma(rgb[0], rgb[1], rgb[2]);
          return new int[] {luma, luma, luma};
        });
  }

  static RgbImage hue(RgbImage image, double turns) {
    int shift = (int) (turns * 255);
    return mapPixels(
        image,
        rgb -> {
          int[] hsv = rgbToHsv(rgb[0], rgb[1], rgb[2]);
          return hsvToRgb((hsv[0] + shift) & 0xFF, hsv[1], hsv[2]);
        });
  }

  private static int[] rgbToHsv(int r, int g, int b) {
    int max = Math.max(r, Math.max(g, b));
    int min = Math.min(r, Math.min(g, b));
    if (max == min) {
      return new int[] {0, 0, max};
    }
    float chroma = max - min;
    float rc = (max - r) / chroma;
    float gc = (max - g) / chroma;
    float bc = (max - b) / chroma;
    float h;
    if (r == max) {
      h = bc - gc;
    } else if (g == max) {
      h = (float) (2.0 + rc - bc);
    } else {
      h = (float) (4.0 + gc - rc);
    }
    h = (float) ((h / 6.0 + 1.0) % 1.0);
    float s = chroma / max;
    return new int[] {clip((int) (h * 255.0)), clip((int) (s * 255.0)), max};
  }

  private static int[] hsvToRgb(int h, int s, int v) {
    if (s == 0) {
      return new int[] {v, v, v};
    }
    int sector = (int) Math.floor(h * 6.0 / 255.0);
    float f = (float) (h * 6.0 / 255.0 - sector);
    float fs = (float) (s / 255.0);
    int p = clip((int) Math.round(v * (1.0 - fs)));
    int q = clip((int) Math.round(v * (1.0 - fs * f)));
    int t = clip((int) Math.round(v * (1.0 - fs * (1.0 - f))));
    return switch (sector % 6) {
      case 0 -> new int[] {v, t, p};
      case 1 -> new int[] {q, v, p};
      case 2 -> new int[] {p, v, t};
      case 3 -> new int[] {p, q, v};
      case 4 -> new int[] {t, p, v};
      default -> new int[] {v, p, q};
    };
  }

  /** A convolution along rows, then one along columns, in double precision all the way. */
  static RgbImage blur(RgbImage image, int kernelSize, double sigma) {
    int radius = kernelSize / 2;
    double[] kernel = new double[kernelSize];
    double sum = 0;
    for (int k = 0; k < kernelSize; k++) {
      double x = (k - radius) / sigma;
      kernel[k] = Math.exp(-0.5 * x * x);
      sum += kernel[k];
    }
    int width = image.width();
    int height = image.height();
    double[][][] across = new double[height][width][3];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          for (int k = 0; k < kernelSize; k++) {
            int column = reflect(x + k - radius, width);
            across[y][x][c] += kernel[k] / sum * level(image, column, y, c);
          }
        }
      }
    }
    byte[] pixels = new byte[width * height * 3];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          double total = 0;
          for (int k = 0; k < kernelSize; k++) {
            total += kernel[k] / sum * across[reflect(y + k - radius, height)][x][c];
          }
          pixels[(y * width + x) * 3 + c] = (byte) Math.rint(total);
        }
      }
    }
    return new RgbImage(width, height, pixels);
  }

  private static int reflect(int at, int length) {
    if (at < 0) {
      return -at;
    }
    return at < length ? at : 2 * (length - 1) - at;
  }

  private static int luma(int r, int g, int b) {
    return (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
  }

  private static int[] blend(int r, int g, int b, int[] rgb, double factor) {
    return new int[] {blend(r, rgb[0], factor), blend(g, rgb[1], factor), blend(b, rgb[2], factor)};
  }

  private static int blend(int from, int to, double factor) {
    float alpha = (float) Math.min(factor, Float.MAX_VALUE);
    float blended = from + alpha * (to - from);
    if (blended <= 0) {
      return 0;
    }
    return blended >= 255 ? 255 : (int) blended;
  }

  private static int clip(int value) {
    return Math.max(0, Math.min(255, value));
  }

  private static int level(RgbImage image, int x, int y, int c) {
    return image.pixels()[(y * image.width() + x) * 3 + c] & 0xFF;
  }

  private interface PixelMap {
    int[] apply(int[] rgb);
  }

  private static RgbImage mapPixels(RgbImage image, PixelMap map) {
    byte[] pixels = image.pixels().clone();
    for (int i = 0; i < pixels.length; i += 3) {
      int[] mapped =
          map.apply(new int[] {pixels[i] & 0xFF, pixels[i + 1] & 0xFF, pixels[i + 2] & 0xFF});
      for (int c = 0; c < 3; c++) {
        pixels[i + c] = (byte) mapped[c];
      }
    }
    return new RgbImage(image.width(), image.height(), pixels);
  }
}
