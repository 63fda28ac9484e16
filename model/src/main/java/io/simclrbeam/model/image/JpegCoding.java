package io.simclrbeam.model.image;

/** What the samples of a JPEG mean, as libjpeg and PIL take them. */
enum JpegCoding implements SampleColor {
  GRAY {
    @Override
    public int rgb(int[] samples, int at) {
      return SampleColor.gray(samples[at]);
    }
  },
  RGB {
    @Override
    public int rgb(int[] samples, int at) {
      return (samples[at] << 16) | (samples[at + 1] << 8) | samples[at + 2];
    }
  },
  YCC {
    @Override
    public int rgb(int[] samples, int at) {
      return ycc(samples[at], samples[at + 1], samples[at + 2]);
    }
  },
  /** 255 is none of an ink: so Adobe's programs write it, and so PIL reads every file. */
  CMYK {
    @Override
    public int rgb(int[] samples, int at) {
      return SampleColor.cmyk(
          255 - samples[at], 255 - samples[at + 1], 255 - samples[at + 2], 255 - samples[at + 3]);
    }
  },
  /**
   * The first three samples are the first three inks, coded as if they were RGB; 255 is all of an
   * ink.
   */
  YCCK {
    @Override
    public int rgb(int[] samples, int at) {
      int inks = ycc(samples[at], samples[at + 1], samples[at + 2]);
      return SampleColor.cmyk(inks >> 16, (inks >> 8) & 0xFF, inks & 0xFF, 255 - samples[at + 3]);
    }
  };

  /** The arithmetic of libjpeg's {@code jdcolor.c}: 16 bits after the point, halves rounded up. */
  private static int ycc(int y, int blueness, int redness) {
    int cb = blueness - 128;
    int cr = redness - 128;
    int red = clamp(y + ((91881 * cr + 32768) >> 16));
    int green = clamp(y + ((-22554 * cb - 46802 * cr + 32768) >> 16));
    int blue = clamp(y + ((116130 * cb + 32768) >> 16));
    return (red << 16) | (green << 8) | blue;
  }

  private static int clamp(int level) {
    return Math.max(0, Math.min(255, level));
  }
}
