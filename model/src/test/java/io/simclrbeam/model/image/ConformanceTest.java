package io.simclrbeam.model.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.random.SeededRandom;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntBinaryOperator;
import java.util.function.LongUnaryOperator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Reads pictures of every kind, and keeps docs/reference/images.md, which says what is read and how
 * exactly. {@code ./dev docs} updates the page.
 */
class ConformanceTest {
  private static final Path PAGE = Path.of("..", "docs", "reference", "images.md");
  private static final String BEGIN = "<!-- generated: kinds -->\n";
  private static final String END = "<!-- end -->";

  private static final int WIDTH = 21;
  private static final int HEIGHT = 17;

  /** Decodes to other colors where there is no Leptonica, as the page says. */
  private static final String LOSSY_WEBP = "lossy";

  /**
   * A file with its pixels as uint8 RGB {@code [height, width, 3]}.
   *
   * @param expected empty if the file is refused
   */
  private record Case(String name, byte[] file, byte[] expected) {}

  /** A row of the page. */
  private record Kind(String format, String what, List<Case> cases) {
    /** Returns what becomes of the files, which must be the same for all. */
    String result(ImageDecoder decoder) {
      Set<String> results = new TreeSet<>();
      for (Case each : cases) {
        results.add(result(each, decoder));
      }
      if (results.equals(Set.of("exact", "within one level"))) {
        return "within one level";
      }
      assertThat(results).as("%s: %s", format, what).hasSize(1);
      return results.iterator().next();
    }

    private static String result(Case file, ImageDecoder decoder) {
      try {
        RgbImage image = decoder.decode(file.file).copy();
        assertThat(image.pixels()).as(file.name).hasSameSizeAs(file.expected);
        int largest = 0;
        for (int i = 0; i < file.expected.length; i++) {
          int difference = (image.pixels()[i] & 0xFF) - (file.expected[i] & 0xFF);
          largest = Math.max(largest, Math.abs(difference));
        }
        return largest == 0
            ? "exact"
            : largest == 1 ? "within one level" : file.name + " differs by " + largest;
      } catch (RejectedImageException e) {
        assertThat(file.expected).as("%s: %s", file.name, e.getMessage()).isEmpty();
        return "refused, `%s`: %s".formatted(e.reason().code(), e.getMessage());
      }
    }
  }

  private final List<Kind> kinds = new ArrayList<>();

  @ParameterizedTest
  @EnumSource(Library.class)
  void everyKindIsReadOrRefusedAsThePageSays(Library library) throws Exception {
    addFiles();
    addTiffs();
    addRefused();
    ImageDecoder decoder = library.decoder();
    StringBuilder table = new StringBuilder("| format | kind | read |\n|---|---|---|\n");
    for (Kind kind : kinds) {
      boolean other = library == Library.IMAGE_IO && kind.what.startsWith(LOSSY_WEBP);
      table.append(
          "| %s | %s | %s |\n"
              .formatted(kind.format, kind.what, other ? "exact" : kind.result(decoder)));
    }
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN) + BEGIN.length();
    int end = page.indexOf(END);
    if (Boolean.getBoolean("updateDocs") && library == Library.LEPTONICA) {
      page = page.substring(0, begin) + table + page.substring(end);
      Files.writeString(PAGE, page);
      end = page.indexOf(END);
    }
    assertThat(page.substring(begin, end))
        .as("the table of %s; ./dev docs updates it", PAGE)
        .isEqualTo(table.toString());
  }

  /** A file that no row names would prove nothing. */
  @Test
  void everyFileBelongsToAKind() throws Exception {
    addFiles();
    addRefused();
    List<String> named =
        kinds.stream().flatMap(kind -> kind.cases.stream()).map(each -> each.name).toList();
    Path folder =
        Path.of(requireNonNull(ConformanceTest.class.getResource("/conformance")).toURI());
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> !name.endsWith(".expected.png") && !name.endsWith(".md"))
          .allSatisfy(name -> assertThat(named).contains(name));
    }
  }

  private void addFiles() throws IOException {
    files("JPEG", "baseline and progressive", "baseline.jpg", "progressive.jpg", "orientation.jpg");
    files("JPEG", "gray, and CMYK of Adobe's programs", "gray.jpg", "cmyk.jpg");
    files(
        "JPEG",
        "stray bytes between segments or scans, before restarts or the end, or after it",
        "two-bytes-before-dqt.jpg",
        "zeros-before-each-rst.jpg",
        "stray-before-restarts.jpg",
        "zeros-before-end.jpg",
        "stray-between-segments.jpg",
        "stray-between-scans.jpg",
        "stray-after-end.jpg");
    files(
        "PNG",
        "every type of color, 1 to 16 bits, plain or interlaced",
        "alpha.png",
        "gray_alpha.png",
        "palette_alpha.png",
        "gray16.png",
        "gray-alpha16.png",
        "rgba16-interlaced.png");
    files(
        "PNG",
        "a transparent color or palette",
        "gray4-tRNS.png",
        "gray1-tRNS-interlaced.png",
        "gray2-tRNS.png",
        "gray8-tRNS.png",
        "gray16-tRNS-interlaced.png",
        "rgb8-tRNS.png",
        "rgb16-tRNS-interlaced.png",
        "palette1-tRNS.png",
        "palette4-tRNS-interlaced.png");
    files(
        "PNG",
        "no end chunk, or half of one",
        "no-IEND.png",
        "palette8-no-IEND.png",
        "rgba8-interlaced-no-IEND.png",
        "half-IEND.png");
    files("WebP", "lossless, also with alpha", "alpha.webp");
    files("WebP", LOSSY_WEBP, "lossy.webp");
    files(
        "WebP",
        "animation, lossless: the first frame on its canvas",
        "anim-lossless.webp",
        "anim-alpha.webp",
        "anim-part-of-canvas.webp");
    files(
        "WebP",
        LOSSY_WEBP + " animation: the first frame on its canvas",
        "anim-lossy.webp",
        "anim-lossy-part-of-canvas.webp");
    files(
        "GIF",
        "one frame or the first of many, plain or interlaced",
        "palette.gif",
        "animated.gif",
        "interlaced.gif");
    files(
        "GIF",
        "a frame that is not all of its canvas, or goes beyond it",
        "part-of-canvas.gif",
        "part-of-transparent-canvas.gif",
        "narrow-frame.gif",
        "without-palette.gif",
        "frame-outside-canvas.gif");
    files("GIF", "no end mark", "no-end-mark.gif", "without-end-of-blocks.gif");
    files(
        "BMP",
        "palettes of 1, 2, 4 and 8 bits, under every header from OS/2 1 to Windows 5",
        "bilevel.bmp",
        "pal1.bmp",
        "pal2.bmp",
        "pal4-few-colors.bmp",
        "os2v1-pal8.bmp",
        "os2v1-pal1-gap.bmp",
        "os2v2-short-pal4.bmp",
        "os2v2-pal8.bmp",
        "v5-pal8.bmp");
    files(
        "BMP",
        "16, 24 and 32 bits, from the top or the bottom, also after a gap",
        "alpha.bmp",
        "rgb16-555.bmp",
        "v4-rgb555.bmp",
        "rgb24-gap-before-pixels.bmp",
        "rgb24-top-down.bmp",
        "os2v1-rgb24.bmp",
        "v4-rgb24-palette.bmp",
        "rgb32.bmp");
    files(
        "BMP",
        "bit fields of any size, in or after the header",
        "rgba32-v5.bmp",
        "fields-565.bmp",
        "fields-alpha.bmp",
        "v2-fields-231.bmp",
        "v3-fields-4444.bmp",
        "v3-fields-101010.bmp",
        "v4-fields-xbgr.bmp",
        "v5-fields-1555.bmp",
        "v5-fields-rgba.bmp");
    files(
        "BMP",
        "runs of 4, 8 and 24 bits",
        "rle8.bmp",
        "rle4.bmp",
        "rle8-jumps.bmp",
        "os2v2-rle24.bmp");
    files(
        "TIFF",
        "by other programs: strips, tiles, planes, BigTIFF, predictors",
        "lzw.tif",
        "alpha.tif",
        "gray16.tif",
        "bilevel.tif",
        "orientation.tif",
        "cmyk.tif",
        "bw.tiles-none.tif",
        "gray-12bit.tif",
        "gray-4bit-white-is-zero.tif",
        "gray-float32-0-255.tif",
        "gray16.tiles-none.tif",
        "gray8.bigtiff.tif",
        "palette4.tiles-lzw.tif",
        "palette8-packbits.tif",
        "rgb-6-channels.tif",
        "rgb16-planes-predictor.tif",
        "rgb8.strips-zstd.tif",
        "rgb8.tiles-lzw.tif",
        "rgba-associated.tif",
        "rgba-associated-planes.tif",
        "rgba8.planes-none.tif",
        "float16-predictor.tif",
        "float64-rgb-predictor.tif");
    files(
        "TIFF",
        "JPEG compression: gray, RGB, YCbCr and CMYK of 8 bits, in strips, tiles or planes",
        "cmyk8.tiles-jpeg.tif",
        "jpeg-strips-cmyk.tif",
        "jpeg-planes-rgb.tif",
        "jpeg-planes-cmyk.tif",
        "jpeg-ycbcr-420.tif",
        "jpeg-ycbcr-422.tif",
        "jpeg-tiles-rgb.tif",
        "jpeg-strips-ycbcr.tif",
        "jpeg-tiles-gray.tif");
    files(
        "TIFF",
        "CCITT compression (modified Huffman, group 3, group 4), in strips or tiles",
        "group4-strips.tif",
        "group4-tiles-mirrored.tif",
        "group3-tiles.tif",
        "group3-strips-mirrored.tif",
        "huffman-strips.tif",
        "huffman-tiles.tif");
    files("TIFF", "WebP compression, lossless", "webp-tiles.tif", "webp-strips.tif");
    files(
        "TIFF",
        "YCbCr of 8 bits, also with colors that pixels share",
        "ycbcr-11-deflate.tif",
        "ycbcr-21-reference.tif",
        "ycbcr-22-lzw.tif",
        "ycbcr-41-coefficients.tif");
    files("TIFF", "CIELab of 8 bits", "cielab.tif", "cielab-colors.tif");
    files("TIFF", "counts of bytes that are missing or too long", "strip-byte-counts-too-long.tif");
  }

  private void files(String format, String what, String... names) throws IOException {
    List<Case> cases = new ArrayList<>();
    for (String name : names) {
      boolean golden = TestFiles.NAMES.contains(name);
      byte[] expected =
          golden ? TestFiles.golden(name + ".png") : TestFiles.conformance(name + ".expected.png");
      cases.add(
          new Case(
              name,
              golden ? TestFiles.golden(name) : TestFiles.conformance(name),
              TestFiles.rgb(ImageIO.read(new ByteArrayInputStream(expected)))));
    }
    kinds.add(new Kind(format, what, cases));
  }

  private void addTiffs() throws IOException {
    for (int white : new int[] {TiffLayout.BLACK_IS_ZERO, TiffLayout.WHITE_IS_ZERO}) {
      tiffs(
          "gray of 1 to 32 and 64 bits, %s at zero".formatted(white == 0 ? "white" : "black"),
          new int[] {1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 24, 32, 64},
          1,
          white,
          Map.of(),
          (pixel, bits) -> {
            int level = level(pixel[0], bits);
            return SampleColor.gray(white == TiffLayout.WHITE_IS_ZERO ? 255 - level : level);
          });
    }
    tiffs(
        "gray of 16 and 32 bits with a sign",
        new int[] {16, 32},
        1,
        TiffLayout.BLACK_IS_ZERO,
        Map.of(SAMPLE_FORMAT, new long[] {2}),
        (pixel, bits) -> SampleColor.gray(level(pixel[0] ^ (1L << (bits - 1)), bits)));
    tiffs(
        "RGB of 1 to 32 bits",
        new int[] {1, 2, 4, 8, 12, 16, 32},
        3,
        TiffLayout.RGB,
        Map.of(),
        (pixel, bits) -> rgb(pixel, bits));
    tiffs(
        "RGB and other samples, or alpha that changes no color",
        new int[] {8, 16},
        6,
        TiffLayout.RGB,
        Map.of(EXTRA_SAMPLES, new long[] {2, 0, 0}),
        (pixel, bits) -> rgb(pixel, bits));
    tiffs(
        "RGB multiplied by alpha",
        new int[] {8, 16},
        4,
        TiffLayout.RGB,
        Map.of(EXTRA_SAMPLES, new long[] {1}),
        (pixel, bits) -> divided(rgb(pixel, bits), level(pixel[3], bits)));
    tiffs(
        "gray multiplied by alpha",
        new int[] {8, 16},
        2,
        TiffLayout.BLACK_IS_ZERO,
        Map.of(EXTRA_SAMPLES, new long[] {1}),
        (pixel, bits) -> divided(SampleColor.gray(level(pixel[0], bits)), level(pixel[1], bits)));
    for (int bits : new int[] {1, 2, 4, 8}) {
      long[] map = new long[3 << bits];
      Arrays.setAll(map, i -> 40_503L * (i + 7) & 0xFFFF);
      tiffs(
          "a palette of %d values".formatted(1 << bits),
          new int[] {bits},
          1,
          TiffLayout.PALETTE,
          Map.of(320, map),
          (pixel, size) -> {
            int value = (int) pixel[0];
            return (int) (map[value] >> 8 << 16)
                | (int) (map[value + (1 << size)] >> 8 << 8)
                | (int) (map[value + (2 << size)] >> 8);
          });
    }
    tiffs(
        "CMYK of 8 and 16 bits, also with other samples",
        new int[] {8, 16},
        5,
        TiffLayout.CMYK,
        Map.of(),
        (pixel, bits) ->
            SampleColor.cmyk(
                level(pixel[0], bits),
                level(pixel[1], bits),
                level(pixel[2], bits),
                level(pixel[3], bits)));
    floats("0 to 1", 0, 1, Map.of());
    floats("0 to 255", 0, 255, Map.of());
    floats("0 to 65,535", 0, 65_535, Map.of());
    floats("its own range", -3, 900, Map.of());
    floats(
        "SMinSampleValue to SMaxSampleValue",
        -20,
        20,
        Map.of(SAMPLE_FORMAT + 1, new long[] {0}, SAMPLE_FORMAT + 2, new long[] {10}));
  }

  private static final int EXTRA_SAMPLES = 338;
  private static final int SAMPLE_FORMAT = 339;

  private interface Color {
    int of(long[] pixel, int bits);
  }

  private static int level(long sample, int bits) {
    return (int) (bits < 8 ? sample * 255 / ((1 << bits) - 1) : sample >>> (bits - 8));
  }

  private static int rgb(long[] pixel, int bits) {
    return (level(pixel[0], bits) << 16) | (level(pixel[1], bits) << 8) | level(pixel[2], bits);
  }

  private static int divided(int rgb, int alpha) {
    IntBinaryOperator divide = (color, by) -> by == 0 ? 0 : Math.min(255, color * 255 / by);
    return (divide.applyAsInt(rgb >> 16, alpha) << 16)
        | (divide.applyAsInt(rgb >> 8 & 0xFF, alpha) << 8)
        | divide.applyAsInt(rgb & 0xFF, alpha);
  }

  private void tiffs(
      String what,
      int[] sizes,
      int samples,
      int photometric,
      Map<Integer, long[]> tags,
      Color color)
      throws IOException {
    List<Case> cases = new ArrayList<>();
    for (int bits : sizes) {
      SeededRandom random = SeededRandom.of(bits, samples, photometric);
      // Some runs, some noise.
      long[] values = new long[WIDTH * HEIGHT * samples];
      for (int i = 0; i < values.length; i++) {
        long value = i % 5 < 2 && i >= samples ? values[i - samples] : random.nextLong();
        values[i] = bits == 64 ? value : value & ((1L << bits) - 1);
      }
      byte[] expected = new byte[WIDTH * HEIGHT * 3];
      for (int i = 0; i < WIDTH * HEIGHT; i++) {
        int rgb = color.of(Arrays.copyOfRange(values, i * samples, (i + 1) * samples), bits);
        ByteBuffer.wrap(expected, 3 * i, 3).put((byte) (rgb >> 16)).putShort((short) rgb);
      }
      TiffWriter writer = new TiffWriter(WIDTH, HEIGHT, samples, bits, photometric, tags);
      boolean predictable = bits == 8 || bits == 16 || bits == 32;
      addLayouts(cases, what, writer, values, expected, predictable ? 2 : 1);
    }
    kinds.add(new Kind("TIFF", what, cases));
  }

  /**
   * Numbers of a range, gray and RGB, of 16, 32 and 64 bits; 24 bits are in a test of their own.
   */
  private void floats(String what, int least, int greatest, Map<Integer, long[]> tags)
      throws IOException {
    List<Case> cases = new ArrayList<>();
    for (int samples : new int[] {1, 3}) {
      for (int bits : new int[] {16, 24, 32, 64}) {
        if (bits == 16 && greatest == 65_535) {
          continue; // such a number has no more than 65,504
        }
        LongUnaryOperator encode =
            bits == 64
                ? number -> Double.doubleToLongBits(Double.longBitsToDouble(number))
                : number -> floatBits(Double.longBitsToDouble(number), bits);
        long[] values = new long[WIDTH * HEIGHT * samples];
        byte[] expected = new byte[WIDTH * HEIGHT * 3];
        double from = tags.isEmpty() ? least : 0;
        double to = tags.isEmpty() ? greatest : 10;
        for (int i = 0; i < values.length; i++) {
          // Whole 256ths of the range are numbers that 16 bits can hold nearly, and the ends are
          // in.
          double share = i == 0 ? 0 : i == 1 ? 1 : (i * 37 % 257) / 256.0;
          double number = least + share * (greatest - least);
          values[i] = encode.applyAsLong(Double.doubleToLongBits(number));
          double level = Math.max(0, Math.min(255, (number - from) / (to - from) * 255));
          for (int c = 0; c < 3 / samples; c++) {
            expected[3 / samples * i + c] = (byte) Math.round(level);
          }
        }
        Map<Integer, long[]> all = new HashMap<>(tags);
        all.put(SAMPLE_FORMAT, new long[] {3});
        TiffWriter writer =
            new TiffWriter(
                WIDTH,
                HEIGHT,
                samples,
                bits,
                samples == 1 ? TiffLayout.BLACK_IS_ZERO : TiffLayout.RGB,
                all);
        addLayouts(cases, what, writer, values, expected, 3);
      }
    }
    kinds.add(new Kind("TIFF", "floating-point gray and RGB of 16 to 64 bits: " + what, cases));
  }

  /** Returns the bits of a number as a float of 16 bits (5 the exponent), 24 (7) or 32. */
  private static long floatBits(double number, int bits) {
    int whole = Float.floatToIntBits((float) number);
    if (bits == 32) {
      return Integer.toUnsignedLong(whole);
    }
    int fractionBits = bits == 16 ? 10 : 16;
    int exponent = (whole >> 23 & 0xFF) - 127 + (bits == 16 ? 15 : 63);
    int sign = whole >>> 31 << (bits - 1);
    int fraction = (whole & 0x7FFFFF) >> (23 - fractionBits);
    return exponent <= 0 ? sign : sign | exponent << fractionBits | fraction;
  }

  /** Every compression, predictor, order of bytes and planes, in strips and tiles. */
  private static void addLayouts(
      List<Case> cases,
      String what,
      TiffWriter writer,
      long[] values,
      byte[] expected,
      int mostPredictor)
      throws IOException {
    int number = cases.size();
    for (int compression :
        new int[] {
          TiffWriter.NONE,
          TiffWriter.LZW,
          -TiffWriter.LZW,
          TiffWriter.DEFLATE,
          TiffWriter.PACK_BITS,
          TiffWriter.LZMA,
          TiffWriter.ZSTD
        }) {
      boolean predicts = compression != TiffWriter.NONE && compression != TiffWriter.PACK_BITS;
      int predictors = predicts ? mostPredictor : 1;
      for (int predictor = 1; predictor <= predictors; predictor++) {
        if (predictor == 2 && mostPredictor == 3) {
          continue; // of integers
        }
        for (int tileWidth : new int[] {0, 16}) {
          for (boolean planes : writer.samples() > 1 ? new boolean[] {false, true} : ONE_PLANE) {
            number++;
            TiffWriter.Layout layout =
                new TiffWriter.Layout(
                    compression,
                    predictor,
                    tileWidth > 0 ? 16 : number % 3 == 0 ? HEIGHT : 5,
                    tileWidth,
                    planes,
                    number % 2 == 0,
                    number % 5 < 2,
                    number % 7 < 2);
            String name = "%s, %d bits, %s".formatted(what, writer.bits(), layout);
            cases.add(new Case(name, writer.write(values, layout), expected));
          }
        }
      }
    }
  }

  private static final boolean[] ONE_PLANE = {false};

  private void addRefused() throws IOException {
    refused("HEIC", "photos of phones", bytes("\0\0\0\u0018ftypheic\0\0\0\0mif1heic"));
    refused("AVIF", "all", bytes("\0\0\0\u001Cftypmif1\0\0\0\0mif1avifmiaf"));
    refused(
        "JPEG 2000",
        "all",
        bytes("\0\0\0\u000CjP  \r\n\u0087\n\0\0\0\u0014ftypjp2 "),
        bytes("\u00FFO\u00FFQ\0/\0\0"));
    refused("JPEG XL", "all", bytes("\0\0\0\u000CJXL \r\n\u0087\n"), bytes("\u00FF\n\u00FA\u007F"));
    refused("PSD", "all", bytes("8BPS\0\1\0\0\0\0\0\0\0\3"));
    refused(
        "camera raw",
        "known by their first bytes: CR2, CR3, MRW, ORF, RAF, RW2, X3F",
        bytes("II*\0\u0010\0\0\0CR\2\0"),
        bytes("\0\0\0\u0018ftypcrx \0\0\0\1crx isom"),
        bytes("\0MRM\0\0\0\0"),
        bytes("IIRO\b\0\0\0"),
        bytes("FUJIFILMCCD-RAW 0201"),
        bytes("IIU\0\u0018\0\0\0"),
        bytes("FOVb\2\0\3\0"));
    refused(
        "camera raw",
        "TIFF with a preview first, such as NEF, ARW and PEF, and DNG",
        tiff(1, Map.of(254, new long[] {1}, 330, new long[] {8})),
        tiff(1, Map.of(50706, new long[] {1, 4, 0, 0})),
        tiff(32803, Map.of()));
    refused("JPEG", "12 bits", changed("baseline.jpg", 0xC0, 4, 12));
    refused("JPEG", "lossless or hierarchical", changed("baseline.jpg", 0xC0, 1, 0xC3));
    refused("JPEG", "JPEG-LS", changed("baseline.jpg", 0xC0, 1, 0xF7));
    refused("JPEG", "no end mark", TestFiles.conformance("no-eoi.jpg"));
    refused("BMP", "JPEG inside", bmp(0, 4));
    refused("BMP", "PNG inside", bmp(0, 5));
    refused("BMP", "Huffman coding", bmp(1, 3));
    refused("BMP", "64 bits", bmp(64, 0));
    Map<String, Integer> codings =
        Map.of(
            "JPEG 2000",
            34712,
            "JBIG",
            34661,
            "SGI LogLuv",
            34676,
            "LERC",
            34887,
            "JPEG XL",
            50002);
    for (String coding : new TreeSet<>(codings.keySet())) {
      byte[] tiff = tiff(1, Map.of());
      int compression = requireNonNull(codings.get(coding));
      ByteBuffer.wrap(tiff).putShort(indexOf(tiff, 259) + 8, (short) compression);
      refused("TIFF", coding + " compression", tiff);
    }
    refused("TIFF", "complex numbers", tiff(1, Map.of(SAMPLE_FORMAT, new long[] {6})));
    refused("TIFF", "a mask", tiff(4, Map.of()));
    refused("TIFF", "ICCLab", tiff(9, Map.of()));
  }

  private void refused(String format, String what, byte[]... files) {
    List<Case> cases = new ArrayList<>();
    for (byte[] file : files) {
      String name = what.equals("no end mark") ? "no-eoi.jpg" : format + " " + what;
      cases.add(new Case(name, file, new byte[0]));
    }
    kinds.add(new Kind(format, what, cases));
  }

  private static byte[] bytes(String text) {
    return Arrays.copyOf(text.getBytes(ISO_8859_1), 100);
  }

  private static byte[] changed(String name, int marker, int after, int value) throws IOException {
    byte[] jpeg = TestFiles.golden(name);
    int at = 0;
    while ((jpeg[at] & 0xFF) != 0xFF || (jpeg[at + 1] & 0xFF) != marker) {
      at++;
    }
    jpeg[at + after] = (byte) value;
    return jpeg;
  }

  private static byte[] bmp(int bits, int compression) throws IOException {
    byte[] bmp = TestFiles.golden("alpha.bmp");
    bmp[28] = (byte) bits;
    bmp[30] = (byte) compression;
    return bmp;
  }

  private static byte[] tiff(int photometric, Map<Integer, long[]> tags) throws IOException {
    TiffWriter writer = new TiffWriter(WIDTH, HEIGHT, 3, 8, photometric, tags);
    return writer.write(
        new long[WIDTH * HEIGHT * 3],
        new TiffWriter.Layout(TiffWriter.NONE, 1, HEIGHT, 0, false, false, false, false));
  }

  private static int indexOf(byte[] bigEndianTiff, int tag) {
    int at = ByteBuffer.wrap(bigEndianTiff).getInt(4) + 2;
    while (ByteBuffer.wrap(bigEndianTiff).getShort(at) != tag) {
      at += 12;
    }
    return at;
  }
}
