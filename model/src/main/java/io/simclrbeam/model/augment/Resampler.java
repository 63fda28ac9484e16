package io.simclrbeam.model.augment;

import io.simclrbeam.model.image.RgbImage;
import java.util.Arrays;

/**
 * Crops, resizes and mirrors in one go, as PIL's antialiased {@code Image.resize} after a crop:
 * first along rows, then along columns, in whole numbers. Between the two it keeps six bits more
 * than PIL does, which rounds to 8 bits there; results differ by 1 level at most.
 *
 * <p>Along rows, where every output pixel reads at its own place, red, green and blue share one
 * long, so that one multiplication serves all three. Not thread-safe: the scratch is reused.
 */
final class Resampler {
  /** Bits of one colour in a long: red above green above blue. */
  private static final int FIELD = 21;

  private static final int RED = 2 * FIELD;
  private static final int GREEN = FIELD;

  private static final int ROW_BITS = 12;
  private static final int COLUMN_BITS = 16;

  /** Bits dropped between the two passes: 8 + 12 become 8 + 6. */
  private static final int DROPPED = 6;

  private static final int KEPT_MASK = (1 << (FIELD - DROPPED)) - 1;

  /** Added to each colour, so that a bicubic undershoot never borrows from its neighbour. */
  private static final int BIAS = 1 << (FIELD - 2);

  private static final int KEPT_BIAS = BIAS >> DROPPED;
  private static final int KEPT_WHITE = 255 << (ROW_BITS - DROPPED);
  private static final long START =
      (BIAS + (1L << (DROPPED - 1))) * ((1L << RED) | (1L << GREEN) | 1L);

  private static final int RESULT_SHIFT = ROW_BITS - DROPPED + COLUMN_BITS;
  private static final int RESULT_START = (1 << (RESULT_SHIFT - 1)) - (KEPT_BIAS << COLUMN_BITS);

  private final boolean overshoots;
  private final ResizeAxis columns;
  private final ResizeAxis rows;
  private final int[] sums;
  private long[] source = new long[0];
  private int[][] ring = new int[0][];

  /**
   * Creates one.
   *
   * @param width of the result in pixels
   * @param height of the result in pixels
   */
  Resampler(int width, int height, Interpolation interpolation) {
    overshoots = interpolation == Interpolation.BICUBIC;
    columns = new ResizeAxis(width, ROW_BITS, interpolation);
    rows = new ResizeAxis(height, COLUMN_BITS, interpolation);
    sums = new int[3 * width];
  }

  /** Resizes a part of a picture to the whole of {@code out}, mirrored if {@code flip}. */
  void resize(RgbImage image, CropBox crop, boolean flip, Planes out) {
    columns.set(crop.width(), out.width, 0, flip);
    rows.set(crop.height(), out.height, 0, false);
    resample(image, crop.left(), crop.top(), out);
  }

  /**
   * Resizes a picture to {@code fullWidth * fullHeight} and cuts {@code out} from its centre,
   * computing no more than that.
   */
  void resizeCentre(RgbImage image, long fullWidth, long fullHeight, Planes out) {
    columns.set(image.width(), fullWidth, centre(fullWidth - out.width), false);
    rows.set(image.height(), fullHeight, centre(fullHeight - out.height), false);
    resample(image, 0, 0, out);
  }

  /** Half of the margin, rounded as torchvision's {@code center_crop}. */
  private static long centre(long margin) {
    return (long) Math.rint(margin / 2.0);
  }

  private void resample(RgbImage image, int left, int top, Planes out) {
    int taps = rows.taps;
    growScratch(taps);
    int next = rows.first[0];
    for (int y = 0; y < out.height; y++) {
      int begin = rows.first[y];
      for (; next < begin + taps; next++) {
        unpack(image, left, top + next);
        resampleRow(ring[next % taps]);
      }
      sumRows(begin, y * taps);
      toLevels(sums);
      int width = out.width;
      System.arraycopy(sums, 0, out.red, y * width, width);
      System.arraycopy(sums, width, out.green, y * width, width);
      System.arraycopy(sums, 2 * width, out.blue, y * width, width);
    }
  }

  /** Adds up the weighted rows, two at a time. */
  private void sumRows(int begin, int weight) {
    int taps = rows.taps;
    int[] weights = rows.weights;
    int[] first = ring[begin % taps];
    if (taps == 1) {
      start(sums, first, weights[weight], first, 0);
      return;
    }
    start(sums, first, weights[weight], ring[(begin + 1) % taps], weights[weight + 1]);
    int k = 2;
    for (; k + 1 < taps; k += 2) {
      accumulate(
          sums,
          ring[(begin + k) % taps],
          weights[weight + k],
          ring[(begin + k + 1) % taps],
          weights[weight + k + 1]);
    }
    if (k < taps) {
      accumulate(sums, ring[(begin + k) % taps], weights[weight + k], first, 0);
    }
  }

  private void growScratch(int taps) {
    if (source.length < columns.end()) {
      source = new long[columns.end()];
    }
    if (ring.length < taps) {
      int had = ring.length;
      ring = Arrays.copyOf(ring, taps);
      for (int i = had; i < taps; i++) {
        ring[i] = new int[sums.length];
      }
    }
  }

  /** Reads the pixels of one row that are in use, each into one long. */
  private void unpack(RgbImage image, int left, int row) {
    byte[] pixels = image.pixels();
    int begin = Math.min(columns.first[0], columns.first[columns.first.length - 1]);
    int end = columns.end();
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
  private void resampleRow(int[] out) {
    int width = columns.first.length;
    int taps = columns.taps;
    int[] weights = columns.weights;
    int w = 0;
    for (int x = 0; x < width; x++) {
      int begin = columns.first[x];
      long sum = START;
      for (int k = 0; k < taps; k++) {
        sum += weights[w + k] * source[begin + k];
      }
      w += taps;
      out[x] = (int) (sum >>> (RED + DROPPED));
      out[width + x] = (int) (sum >>> (GREEN + DROPPED)) & KEPT_MASK;
      out[2 * width + x] = (int) (sum >>> DROPPED) & KEPT_MASK;
    }
    if (overshoots) {
      clampKept(out);
    }
  }

  /** PIL, too, clamps between the passes. */
  private static void clampKept(int[] values) {
    for (int i = 0; i < values.length; i++) {
      int value = values[i] - KEPT_BIAS;
      value &= ~(value >> 31);
      int below = KEPT_WHITE - value;
      values[i] = KEPT_BIAS + KEPT_WHITE - (below & ~(below >> 31));
    }
  }

  private static void start(int[] sums, int[] a, int weightA, int[] b, int weightB) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] = RESULT_START + weightA * a[i] + weightB * b[i];
    }
  }

  private static void accumulate(int[] sums, int[] a, int weightA, int[] b, int weightB) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += weightA * a[i] + weightB * b[i];
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
