package io.simclrbeam.model.image;

/**
 * What the samples of a TIFF mean (TIFF 6.0, sections 8 and 16 to 21): levels from 0 to 255, or the
 * values of a palette, to RGB.
 */
final class TiffColors {
  private static final int COLOR_MAP = 320;
  private static final int COEFFICIENTS = 529;
  private static final int REFERENCE = 532;

  private TiffColors() {}

  /**
   * Returns what a layout's samples mean.
   *
   * @throws RejectedImageException TRUNCATED if it does not say that
   */
  static SampleColor of(TiffLayout layout, TiffDirectory directory, HeaderBytes bytes)
      throws RejectedImageException {
    SampleColor color =
        switch (layout.photometric) {
          case TiffLayout.WHITE_IS_ZERO -> (levels, at) -> SampleColor.gray(255 - levels[at]);
          case TiffLayout.BLACK_IS_ZERO -> (levels, at) -> SampleColor.gray(levels[at]);
          case TiffLayout.RGB -> JpegCoding.RGB;
          case TiffLayout.PALETTE -> palette(layout, directory, bytes);
          case TiffLayout.CMYK ->
              (levels, at) ->
                  SampleColor.cmyk(levels[at], levels[at + 1], levels[at + 2], levels[at + 3]);
          case TiffLayout.YCBCR ->
              layout.coding == TiffCoding.JPEG ? JpegCoding.YCC : new YCbCr(directory);
          case TiffLayout.CIELAB -> Lab::rgb;
          default -> throw new AssertionError(layout.photometric);
        };
    int alpha = layout.alpha;
    return alpha < 0 ? color : (levels, at) -> divided(color.rgb(levels, at), levels[at + alpha]);
  }

  /** Returns a color that was multiplied by alpha as it was before: PIL's {@code RGBa}. */
  private static int divided(int rgb, int alpha) {
    if (alpha == 0 || alpha == 255) {
      return alpha == 0 ? 0 : rgb;
    }
    int red = Math.min(255, (rgb >> 16) * 255 / alpha);
    int green = Math.min(255, (rgb >> 8 & 0xFF) * 255 / alpha);
    int blue = Math.min(255, (rgb & 0xFF) * 255 / alpha);
    return (red << 16) | (green << 8) | blue;
  }

  /** Colors have 16 bits each. Some programs write 8; then no value is above 255. */
  private static SampleColor palette(TiffLayout layout, TiffDirectory directory, HeaderBytes bytes)
      throws RejectedImageException {
    int entry = directory.entry(COLOR_MAP);
    int[] colors = new int[1 << layout.bits];
    if (directory.count(entry) < 3 * colors.length) {
      throw bytes.truncated("its palette has %,d values".formatted(directory.count(entry)));
    }
    long largest = 0;
    for (int i = 0; i < 3 * colors.length; i++) {
      largest = Math.max(largest, directory.valueAt(entry, i));
    }
    int shift = largest < 256 ? 0 : 8;
    for (int i = 0; i < colors.length; i++) {
      for (int c = 0; c < 3; c++) {
        int value = (int) directory.valueAt(entry, c * colors.length + i);
        colors[i] = (colors[i] << 8) | ((value >> shift) & 0xFF);
      }
    }
    return (values, at) -> colors[values[at]];
  }

  /**
   * CIE L*a*b* under D50 to sRGB. PIL leaves it to Little CMS, which computes the colors of a grid
   * and interpolates between them, so that is what is done here: in each of the tetrahedra into
   * which a cell is cut.
   */
  private static final class Lab {
    /** Points of the grid along each of its sides. */
    private static final int POINTS = 33;

    private static final int[] STRIDES = {3 * POINTS * POINTS, 3 * POINTS, 3};

    /** XYZ under D50 to linear sRGB, adapted as ICC profiles have it (Bradford). */
    private static final double[][] TO_SRGB = {
      {3.1338561, -1.6168667, -0.4906146},
      {-0.9787684, 1.9161415, 0.0334540},
      {0.0719453, -0.2289914, 1.4052427}
    };

    private static final double[] D50 = {0.9642, 1, 0.8249};

    /** Levels from 0 to 65535, of red, green and blue for each L, a and b. */
    private static final int[] GRID = grid();

    private Lab() {}

    private static int[] grid() {
      int[] grid = new int[3 * POINTS * POINTS * POINTS];
      for (int i = 0; i < grid.length; i += 3) {
        double[] lab = new double[3];
        for (int c = 0; c < 3; c++) {
          lab[c] = Math.rint(i / STRIDES[c] % POINTS * 65535.0 / (POINTS - 1)) / 257;
        }
        double y = (lab[0] / 2.55 + 16) / 116;
        double[] xyz = {y + (lab[1] - 128) / 500, y, y - (lab[2] - 128) / 200};
        for (int c = 0; c < 3; c++) {
          double t = xyz[c];
          xyz[c] = D50[c] * (t > 24.0 / 116 ? t * t * t : (t - 16.0 / 116) * 108 / 841);
        }
        for (int c = 0; c < 3; c++) {
          double[] row = TO_SRGB[c];
          double light = row[0] * xyz[0] + row[1] * xyz[1] + row[2] * xyz[2];
          double level =
              light <= 0.0031308 ? 12.92 * light : 1.055 * Math.pow(light, 1 / 2.4) - 0.055;
          grid[i + c] = (int) Math.rint(65535 * Math.max(0, Math.min(1, level)));
        }
      }
      return grid;
    }

    /** Returns the color of a pixel; a and b are bytes with a sign. */
    static int rgb(int[] levels, int at) {
      int l = levels[at] * (POINTS - 1);
      int a = (levels[at + 1] ^ 0x80) * (POINTS - 1);
      int b = (levels[at + 2] ^ 0x80) * (POINTS - 1);
      // The cell, in 255ths of whose side the place in it is.
      int cellL = Math.min(l / 255, POINTS - 2);
      int cellA = Math.min(a / 255, POINTS - 2);
      int cellB = Math.min(b / 255, POINTS - 2);
      int[] place = {l - 255 * cellL, a - 255 * cellA, b - 255 * cellB};
      int corner = cellL * STRIDES[0] + cellA * STRIDES[1] + cellB * STRIDES[2];
      long red = 255L * GRID[corner];
      long green = 255L * GRID[corner + 1];
      long blue = 255L * GRID[corner + 2];
      // From corner to corner, along the side that the place is farthest along first.
      for (int step = 0; step < 3; step++) {
        int side = place[0] >= place[1] && place[0] >= place[2] ? 0 : place[1] >= place[2] ? 1 : 2;
        int next = corner + STRIDES[side];
        red += (long) place[side] * (GRID[next] - GRID[corner]);
        green += (long) place[side] * (GRID[next + 1] - GRID[corner + 1]);
        blue += (long) place[side] * (GRID[next + 2] - GRID[corner + 2]);
        place[side] = -1;
        corner = next;
      }
      return (level(red) << 16) | (level(green) << 8) | level(blue);
    }

    /** Returns a level from 0 to 255 of one from 0 to 255 * 65535. */
    private static int level(long sum) {
      return (int) ((sum + 32_767) / 65_535);
    }
  }

  /** TIFF 6.0, section 21, in the arithmetic of libtiff: 16 bits after the point. */
  private static final class YCbCr implements SampleColor {
    private static final float[] BT_601 = {0.299f, 0.587f, 0.114f};
    private static final float[] FULL_RANGE = {0, 255, 128, 255, 128, 255};
    private static final int ONE = 1 << 16;
    private static final int HALF = ONE / 2;

    private final int[] light = new int[256];
    private final int[] redOfRed = new int[256];
    private final int[] greenOfRed = new int[256];
    private final int[] greenOfBlue = new int[256];
    private final int[] blueOfBlue = new int[256];

    YCbCr(TiffDirectory directory) throws RejectedImageException {
      float[] luma = numbers(directory, COEFFICIENTS, BT_601);
      float[] reference = numbers(directory, REFERENCE, FULL_RANGE);
      float red = 2 - 2 * luma[0];
      float blue = 2 - 2 * luma[2];
      int toRed = fixed(red);
      int toGreenFromRed = -fixed(luma[0] * red / luma[1]);
      int toGreenFromBlue = -fixed(luma[2] * blue / luma[1]);
      int toBlue = fixed(blue);
      for (int i = 0; i < 256; i++) {
        int cr = value(i - 128, reference[4] - 128, reference[5] - 128, 127);
        int cb = value(i - 128, reference[2] - 128, reference[3] - 128, 127);
        redOfRed[i] = (toRed * cr + HALF) >> 16;
        blueOfBlue[i] = (toBlue * cb + HALF) >> 16;
        greenOfRed[i] = toGreenFromRed * cr;
        greenOfBlue[i] = toGreenFromBlue * cb + HALF;
        light[i] = value(i, reference[0], reference[1], 255);
      }
    }

    private static float[] numbers(TiffDirectory directory, int tag, float[] otherwise)
        throws RejectedImageException {
      int entry = directory.entry(tag);
      if (directory.count(entry) < otherwise.length) {
        return otherwise;
      }
      float[] numbers = new float[otherwise.length];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = (float) directory.numberAt(entry, i);
      }
      return numbers;
    }

    private static int fixed(float number) {
      return (int) (number * ONE + 0.5);
    }

    /** Returns a sample on the scale between the samples of black and white. */
    private static int value(int sample, float black, float white, int most) {
      float range = (int) white - (int) black;
      float value = (sample - (int) black) * (float) most / (range == 0 ? 1 : range);
      return (int) Math.max(-128 * 32, Math.min(128 * 32, value));
    }

    @Override
    public int rgb(int[] samples, int at) {
      int y = light[samples[at]];
      int cb = samples[at + 1];
      int cr = samples[at + 2];
      int red = clamp(y + redOfRed[cr]);
      int green = clamp(y + ((greenOfBlue[cb] + greenOfRed[cr]) >> 16));
      int blue = clamp(y + blueOfBlue[cb]);
      return (red << 16) | (green << 8) | blue;
    }

    private static int clamp(int level) {
      return Math.max(0, Math.min(255, level));
    }
  }
}
