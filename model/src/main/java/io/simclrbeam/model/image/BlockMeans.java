package io.simclrbeam.model.image;

import java.util.Arrays;

/**
 * A picture that comes row by row, or tile by tile, and is too large to be held: each block of k x
 * k pixels becomes their mean, as libjpeg's scaling has it. Those at the right and the bottom may
 * be smaller. With k of 1 pixels stay as they are, and rows are written where they belong.
 */
final class BlockMeans {
  /** A row of the picture is in memory. */
  private static final int WIDEST = 1 << 22;

  private final int width;
  private final int height;
  private final int reduction;
  private final int reducedWidth;
  private final byte[] pixels;

  /** RGB of a row, or of a part of one; the pixels themselves if nothing is reduced. */
  private final byte[] row;

  /** Rows of blocks that are not complete, {@code [rows, reducedWidth, 3]}, as a ring. */
  private final int[] sums;

  private final int sumRows;
  private int next;

  /**
   * Creates one.
   *
   * @param width of the picture that comes
   * @param height of it
   * @param reduction k
   * @param rowsAtOnce most rows that come before one of them is complete
   * @param buffer where the pixels of the result will be
   * @throws RejectedImageException TOO_LARGE if what is left has more than {@link
   *     ImageDecoder#MAX_PIXELS}, or if rows are too long
   */
  BlockMeans(int width, int height, int reduction, int rowsAtOnce, PixelBuffer buffer)
      throws RejectedImageException {
    this.width = width;
    this.height = height;
    this.reduction = reduction;
    reducedWidth = reduced(width, reduction);
    ImageDecoder.checkSize(reducedWidth, reduced(height, reduction));
    if (reduction > 1 && width > WIDEST) {
      throw new RejectedImageException(
          RejectReason.TOO_LARGE, "a row of %,d pixels is more than %,d".formatted(width, WIDEST));
    }
    pixels = buffer.forSize(reducedWidth, reduced(height, reduction));
    row = reduction == 1 ? pixels : new byte[3 * width + 1];
    sumRows = reduction == 1 ? 0 : reduced(rowsAtOnce, reduction) + 1;
    sums = new int[3 * reducedWidth * sumRows];
  }

  /** Returns the least power of two for which a picture has no more than the pixels it may have. */
  static int reduction(int width, int height) {
    int reduction = 1;
    while ((long) reduced(width, reduction) * reduced(height, reduction)
        > ImageDecoder.MAX_PIXELS) {
      reduction *= 2;
    }
    return reduction;
  }

  private static int reduced(int size, int reduction) {
    return (int) (((long) size + reduction - 1) / reduction);
  }

  /** Returns the array to write a row or a part of one to, with a byte more behind it. */
  byte[] row() {
    return row;
  }

  /** Returns the index in {@link #row} where a part of a row must be written. */
  int at(int left, int y) {
    return reduction == 1 ? 3 * (y * width + left) : 0;
  }

  /** Takes what was written: the pixels of a row from {@code left} on. */
  void take(int left, int y, int columns) {
    if (reduction == 1) {
      return;
    }
    int to = 3 * reducedWidth * (y / reduction % sumRows);
    for (int x = left, from = 0; x < left + columns; x++, from += 3) {
      int sum = to + 3 * (x / reduction);
      sums[sum] += row[from] & 0xFF;
      sums[sum + 1] += row[from + 1] & 0xFF;
      sums[sum + 2] += row[from + 2] & 0xFF;
    }
  }

  /** Says that all pixels above a row have been taken. */
  void complete(int y) {
    if (reduction == 1) {
      return;
    }
    while (next < y && (next + reduction <= y || y == height)) {
      int rows = Math.min(reduction, height - next);
      int from = 3 * reducedWidth * (next / reduction % sumRows);
      int to = 3 * reducedWidth * (next / reduction);
      for (int x = 0; x < reducedWidth; x++) {
        int count = rows * Math.min(reduction, width - x * reduction);
        for (int c = 3 * x; c < 3 * x + 3; c++) {
          pixels[to + c] = (byte) ((sums[from + c] + count / 2) / count);
        }
      }
      Arrays.fill(sums, from, from + 3 * reducedWidth, 0);
      next += rows;
    }
  }

  /** Returns the picture, after all of it was taken. */
  RgbImage image() {
    return new RgbImage(reducedWidth, reduced(height, reduction), pixels);
  }
}
