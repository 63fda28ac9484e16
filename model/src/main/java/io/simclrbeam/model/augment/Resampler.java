package io.simclrbeam.model.augment;

import io.simclrbeam.model.image.RgbImage;
import java.util.Arrays;

/**
 * Crops, resizes and mirrors in one go, as PIL's antialiased {@code Image.resize} after a crop:
 * first along rows, then along columns, in whole numbers. Between the two it keeps six bits more
 * than PIL does, which rounds to 8 bits there; results differ by 1 level at most.
 *
 * <p>Along rows, where every output pixel reads at its own place, red, green and blue share one
 * long, so that one multiplication serves all three. Axes with very many taps need finer weights,
 * which leave no room for that. Not thread-safe: the scratch is reused.
 */
final class Resampler {
  /** Bits of one color in a long: red above green above blue. */
  private static final int FIELD = 21;

  private static final int RED = 2 * FIELD;
  private static final int GREEN = FIELD;

  private static final int ROW_BITS = 12;
  private static final int COLUMN_BITS = 16;

  /** Bits dropped between the two passes: 8 + 12 become 8 + 6. */
  private static final int DROPPED = 6;

  /** Bits of a level between the passes. */
  private static final int KEPT_BITS = 8 + ROW_BITS - DROPPED;

  private static final int KEPT_MASK = (1 << (FIELD - DROPPED)) - 1;

  /** Added to each color, so that a bicubic undershoot never borrows from its neighbor. */
  private static final int BIAS = 1 << (FIELD - 2);

  private static final int KEPT_BIAS = BIAS >> DROPPED;
  private static final int KEPT_WHITE = 255 << (ROW_BITS - DROPPED);
  private static final long START =
      (BIAS + (1L << (DROPPED - 1))) * ((1L << RED) | (1L << GREEN) | 1L);

  private static final int TWO_TAPS_START = BIAS + (1 << (DROPPED - 1));

  private static final int RESULT_SHIFT = ROW_BITS - DROPPED + COLUMN_BITS;
  private static final int RESULT_START = (1 << (RESULT_SHIFT - 1)) - (KEPT_BIAS << COLUMN_BITS);

  private static final int WIDE_ROW_SHIFT = 8 + ResizeAxis.WIDE_BITS - KEPT_BITS;
  private static final int WIDE_RESULT_SHIFT = KEPT_BITS + ResizeAxis.WIDE_BITS - 8;
  private static final long WIDE_RESULT_START =
      (1L << (WIDE_RESULT_SHIFT - 1)) - ((long) KEPT_BIAS << ResizeAxis.WIDE_BITS);

  private final boolean overshoots;
  private final ResizeAxes columnAxes;
  private final ResizeAxes rowAxes;
  private final long[] packed;
  private final int[] sums;
  private long[] source = new long[0];
  private long[] wideSums = new long[0];
  private int[][] ring = new int[0][];

  /**
   * Creates one.
   *
   * @param width of the result in pixels
   * @param height of the result in pixels
   */
  Resampler(int width, int height, Interpolation interpolation) {
    overshoots = interpolation == Interpolation.BICUBIC;
    columnAxes = new ResizeAxes(width, ROW_BITS, interpolation);
    rowAxes = new ResizeAxes(height, COLUMN_BITS, interpolation);
    packed = new long[width];
    sums = new int[3 * width];
  }

  /** Resizes a part of a picture to the whole of {@code out}, mirrored if {@code flip}. */
  void resize(RgbImage image, CropBox crop, boolean flip, Planes out) {
    ResizeAxis columns = columnAxes.whole(crop.width(), flip);
    ResizeAxis rows = rowAxes.whole(crop.height(), false);
    resample(image, crop, columns, rows, out);
  }

  /**
   * Resizes a picture to {@code fullWidth * fullHeight} and cuts {@code out} from its center,
   * computing no more than that.
   */
  void resizeCenter(RgbImage image, long fullWidth, long fullHeight, Planes out) {
    int width = image.width();
    int height = image.height();
    ResizeAxis columns = columnAxes.part(width, fullWidth, center(fullWidth - out.width), false);
    ResizeAxis rows = rowAxes.part(height, fullHeight, center(fullHeight - out.height), false);
    resample(image, new CropBox(0, 0, width, height), columns, rows, out);
  }

  /** Half of the margin, rounded as torchvision's {@code center_crop}. */
  private static long center(long margin) {
    return (long) Math.rint(margin / 2.0);
  }

  private void resample(
      RgbImage image, CropBox crop, ResizeAxis columns, ResizeAxis rows, Planes out) {
    growScratch(columns.end(), rows.taps);
    int leftmost = columns.begin();
    int rightmost = Math.min(columns.end(), crop.width());
    // Then red, green and blue need not share a long: few multiplications cost less than packing.
    boolean twoTaps = columns.taps == 2 && crop.width() > 1 && !overshoots;
    int taps = rows.taps;
    int next = rows.first[0];
    for (int y = 0; y < out.height; y++) {
      int begin = rows.first[y];
      int end = Math.min(begin + taps, crop.height());
      for (; next < end; next++) {
        int[] row = ring[next % taps];
        if (columns.wide) {
          resampleWideRow(image, crop, crop.top() + next, columns, row);
        } else if (twoTaps) {
          int offset = 3 * ((crop.top() + next) * image.width() + crop.left());
          resampleTwoTaps(image.pixels(), offset, columns.first, columns.weights, row);
        } else {
          unpack(image, crop.left(), crop.top() + next, leftmost, rightmost);
          resampleRow(columns, row);
        }
      }
      if (rows.wide) {
        sumWideRows(rows, y);
      } else {
        sumRows(rows, y);
      }
      int width = out.width;
      System.arraycopy(sums, 0, out.red, y * width, width);
      System.arraycopy(sums, width, out.green, y * width, width);
      System.arraycopy(sums, 2 * width, out.blue, y * width, width);
    }
  }

  private void growScratch(int sourceLength, int taps) {
    if (source.length < sourceLength) {
      source = new long[sourceLength];
    }
    int had = ring.length;
    if (had < taps) {
      ring = Arrays.copyOf(ring, taps);
      for (int i = had; i < ring.length; i++) {
        ring[i] = new int[sums.length];
      }
    }
  }

  /** Reads the pixels of one row from {@code begin} to {@code end}, each into one long. */
  private void unpack(RgbImage image, int left, int row, int begin, int end) {
    byte[] pixels = image.pixels();
    int p = (row * image.width() + left + begin) * 3;
    for (int x = begin; x < end; x++) {
      source[x] =
          ((pixels[p] & 0xFFL) << RED)
              | ((pixels[p + 1] & 0xFFL) << GREEN)
              | (pixels[p + 2] & 0xFFL);
      p += 3;
    }
  }

  /** Resizes the unpacked row to red, green and blue, one after the other. */
  private void resampleRow(ResizeAxis columns, int[] out) {
    startTaps(columns.first, source, columns.weights, packed);
    for (int k = 2; k < columns.taps; k += 2) {
      addTaps(columns.first, source, columns.weights, k, packed);
    }
    unpackSums(packed, out);
    if (overshoots) {
      clampKept(out);
    }
  }

  /** Resizes a row of bytes, the first at {@code start}, as the next methods do. */
  private static void resampleTwoTaps(
      byte[] pixels, int start, int[] first, int[] weights, int[] out) {
    int width = first.length;
    for (int x = 0; x < width; x++) {
      int p = start + 3 * first[x];
      int weight = weights[width + x];
      int red = pixels[p] & 0xFF;
      int green = pixels[p + 1] & 0xFF;
      int blue = pixels[p + 2] & 0xFF;
      out[x] = twoTaps(red, pixels[p + 3] & 0xFF, weight);
      out[width + x] = twoTaps(green, pixels[p + 4] & 0xFF, weight);
      out[2 * width + x] = twoTaps(blue, pixels[p + 5] & 0xFF, weight);
    }
  }

  /** Resizes a row of an axis with many taps. */
  private void resampleWideRow(
      RgbImage image, CropBox crop, int row, ResizeAxis columns, int[] out) {
    byte[] pixels = image.pixels();
    int start = (row * image.width() + crop.left()) * 3;
    int width = columns.first.length;
    for (int x = 0; x < width; x++) {
      int first = columns.first[x];
      int taps = Math.min(columns.taps, crop.width() - first);
      long red = 1L << (WIDE_ROW_SHIFT - 1);
      long green = red;
      long blue = red;
      for (int k = 0; k < taps; k++) {
        long weight = columns.weights[k * width + x];
        int p = start + 3 * (first + k);
        red += weight * (pixels[p] & 0xFF);
        green += weight * (pixels[p + 1] & 0xFF);
        blue += weight * (pixels[p + 2] & 0xFF);
      }
      out[x] = KEPT_BIAS + (int) (red >> WIDE_ROW_SHIFT);
      out[width + x] = KEPT_BIAS + (int) (green >> WIDE_ROW_SHIFT);
      out[2 * width + x] = KEPT_BIAS + (int) (blue >> WIDE_ROW_SHIFT);
    }
    if (overshoots) {
      clampKept(out);
    }
  }

  private static int twoTaps(int first, int second, int weight) {
    return ((first << ROW_BITS) + weight * (second - first) + TWO_TAPS_START) >> DROPPED;
  }

  private static void startTaps(int[] first, long[] source, int[] weights, long[] out) {
    int width = out.length;
    for (int x = 0; x < width; x++) {
      int s = first[x];
      out[x] = START + weights[x] * source[s] + weights[width + x] * source[s + 1];
    }
  }

  private static void addTaps(int[] first, long[] source, int[] weights, int k, long[] out) {
    int width = out.length;
    int w = k * width;
    for (int x = 0; x < width; x++) {
      int s = first[x] + k;
      out[x] += weights[w + x] * source[s] + weights[w + width + x] * source[s + 1];
    }
  }

  private static void unpackSums(long[] sums, int[] out) {
    int width = sums.length;
    for (int x = 0; x < width; x++) {
      long sum = sums[x];
      out[x] = (int) (sum >>> (RED + DROPPED));
      out[width + x] = (int) (sum >>> (GREEN + DROPPED)) & KEPT_MASK;
      out[2 * width + x] = (int) (sum >>> DROPPED) & KEPT_MASK;
    }
  }

  /** PIL clamps between the passes too. */
  private static void clampKept(int[] values) {
    for (int i = 0; i < values.length; i++) {
      int value = values[i] - KEPT_BIAS;
      value &= ~(value >> 31);
      int below = KEPT_WHITE - value;
      values[i] = KEPT_BIAS + KEPT_WHITE - (below & ~(below >> 31));
    }
  }

  /** Resizes along the columns to row y of the result: red, green and blue one after the other. */
  private void sumRows(ResizeAxis rows, int y) {
    int taps = rows.taps;
    int height = rows.first.length;
    int[] weights = rows.weights;
    int begin = rows.first[y];
    int[] first = ring[begin % taps];
    int[] second = ring[(begin + 1) % taps];
    if (taps == 2) {
      sumTwoRows(first, weights[y], second, weights[height + y], sums);
      return;
    }
    startRows(first, weights[y], second, weights[height + y], sums);
    for (int k = 2; k < taps; k += 2) {
      addRows(
          ring[(begin + k) % taps],
          weights[k * height + y],
          ring[(begin + k + 1) % taps],
          weights[(k + 1) * height + y],
          sums);
    }
    toLevels(sums);
  }

  /** {@link #sumRows} for an axis with many taps. */
  private void sumWideRows(ResizeAxis rows, int y) {
    int height = rows.first.length;
    if (wideSums.length == 0) {
      wideSums = new long[sums.length];
    }
    Arrays.fill(wideSums, WIDE_RESULT_START);
    for (int k = 0; k < rows.taps; k++) {
      int[] row = ring[(rows.first[y] + k) % rows.taps];
      long weight = rows.weights[k * height + y];
      for (int i = 0; i < wideSums.length; i++) {
        wideSums[i] += weight * row[i];
      }
    }
    for (int i = 0; i < sums.length; i++) {
      sums[i] = (int) Math.max(0, Math.min(255, wideSums[i] >> WIDE_RESULT_SHIFT));
    }
  }

  /** Does all in one loop, which pays off for the short rows of small views. */
  private static void sumTwoRows(int[] a, int weightA, int[] b, int weightB, int[] out) {
    for (int i = 0; i < out.length; i++) {
      int level = (RESULT_START + weightA * a[i] + weightB * b[i]) >> RESULT_SHIFT;
      level &= ~(level >> 31);
      int below = 255 - level;
      out[i] = 255 - (below & ~(below >> 31));
    }
  }

  private static void startRows(int[] a, int weightA, int[] b, int weightB, int[] out) {
    for (int i = 0; i < out.length; i++) {
      out[i] = RESULT_START + weightA * a[i] + weightB * b[i];
    }
  }

  private static void addRows(int[] a, int weightA, int[] b, int weightB, int[] out) {
    for (int i = 0; i < out.length; i++) {
      out[i] += weightA * a[i] + weightB * b[i];
    }
  }

  private static void toLevels(int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      int level = sums[i] >> RESULT_SHIFT;
      level &= ~(level >> 31);
      int below = 255 - level;
      sums[i] = 255 - (below & ~(below >> 31));
    }
  }
}
