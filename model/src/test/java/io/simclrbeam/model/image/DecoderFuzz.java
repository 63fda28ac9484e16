package io.simclrbeam.model.image;

import static io.simclrbeam.model.image.TestFiles.conformance;
import static io.simclrbeam.model.image.TestFiles.golden;

import io.simclrbeam.model.random.SeededRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decodes damaged images. Each must give a picture or a {@link RejectedImageException}; anything
 * else is a failure. {@code ./dev fuzz} runs it.
 */
final class DecoderFuzz {
  /** The files that are damaged, by kind. */
  static final Map<String, List<String>> KINDS = new LinkedHashMap<>();

  static {
    KINDS.put("jpeg", List.of("baseline.jpg", "gray.jpg", "orientation.jpg"));
    KINDS.put("jpeg-progressive", List.of("progressive.jpg"));
    KINDS.put("jpeg-cmyk", List.of("cmyk.jpg"));
    KINDS.put("png", List.of("alpha.png", "gray_alpha.png", "palette_alpha.png", "gray16.png"));
    KINDS.put("webp-lossy", List.of("lossy.webp"));
    KINDS.put("webp-lossless", List.of("alpha.webp"));
    KINDS.put(
        "tiff",
        List.of(
            "lzw.tif", "alpha.tif", "cmyk.tif", "gray16.tif", "bilevel.tif", "orientation.tif"));
    KINDS.put("gif", List.of("palette.gif", "animated.gif"));
    KINDS.put("bmp", List.of("alpha.bmp", "bilevel.bmp"));
    KINDS.put("jpeg-stray", List.of("stray-before-restarts.jpg", "stray-between-scans.jpg"));
    KINDS.put(
        "png-transparent",
        List.of("gray1-tRNS-interlaced.png", "rgb16-tRNS-interlaced.png", "no-IEND.png"));
    KINDS.put(
        "webp-animated",
        List.of("anim-lossless.webp", "anim-lossy-part-of-canvas.webp", "anim-alpha.webp"));
    KINDS.put(
        "gif-canvas",
        List.of("interlaced.gif", "part-of-transparent-canvas.gif", "without-palette.gif"));
    KINDS.put("bmp-runs", List.of("rle8.bmp", "rle4.bmp", "os2v2-rle24.bmp", "rle8-jumps.bmp"));
    KINDS.put(
        "bmp-fields",
        List.of("fields-565.bmp", "v2-fields-231.bmp", "v4-fields-xbgr.bmp", "rgba32-v5.bmp"));
    KINDS.put(
        "bmp-headers",
        List.of("os2v1-pal1-gap.bmp", "os2v2-short-pal4.bmp", "pal2.bmp", "v5-pal8.bmp"));
    KINDS.put(
        "tiff-tiles",
        List.of(
            "bw.tiles-none.tif",
            "gray16.tiles-none.tif",
            "palette4.tiles-lzw.tif",
            "rgb8.tiles-lzw.tif"));
    KINDS.put("tiff-planes", List.of("rgba8.planes-none.tif", "rgb16-planes-predictor.tif"));
    KINDS.put("tiff-big", List.of("gray8.bigtiff.tif"));
    KINDS.put("tiff-zstd", List.of("rgb8.strips-zstd.tif", "float16-predictor.tif"));
    KINDS.put("tiff-lzma", List.of("rgba-associated-planes.tif"));
    KINDS.put(
        "tiff-jpeg",
        List.of("cmyk8.tiles-jpeg.tif", "jpeg-planes-rgb.tif", "jpeg-strips-ycbcr.tif"));
    KINDS.put("tiff-fax", List.of("group4-strips.tif", "group3-tiles.tif", "huffman-strips.tif"));
    KINDS.put("tiff-webp", List.of("webp-tiles.tif"));
    KINDS.put("tiff-float", List.of("gray-float32-0-255.tif", "float64-rgb-predictor.tif"));
    KINDS.put(
        "tiff-samples",
        List.of(
            "gray-12bit.tif",
            "gray-4bit-white-is-zero.tif",
            "rgb-6-channels.tif",
            "rgba-associated.tif",
            "strip-byte-counts-too-long.tif"));
    KINDS.put("tiff-colors", List.of("cielab.tif", "ycbcr-22-lzw.tif", "ycbcr-21-reference.tif"));
  }

  private static final String DECODED = "decoded";

  private final ImageDecoder decoder;
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();
  private long slowestNanos;
  private String slowest = "";

  DecoderFuzz(Library library) {
    decoder = library.decoder(ExifOrientation.APPLY);
  }

  /** Returns how often each reason to reject was given, or a picture. */
  Map<String, Integer> outcomes() {
    return outcomes;
  }

  /** Returns what went wrong, with all that is needed to see it again. */
  List<String> failures() {
    return failures;
  }

  /** Damages a file of a kind, always in the same way for a seed and a case, and decodes it. */
  void decodeDamaged(String kind, long seed, int number) throws IOException {
    SeededRandom random = SeededRandom.of(seed, kind.hashCode(), number);
    List<String> names = KINDS.get(kind);
    String name = names.get(random.nextInt(names.size()));
    byte[] file = TestFiles.NAMES.contains(name) ? golden(name) : conformance(name);
    decode(Mutations.mutate(file, random), "%s, seed %d, case %d".formatted(kind, seed, number));
  }

  // Whatever is thrown is what is looked for.
  @SuppressWarnings("CatchAndPrintStackTrace")
  private void decode(byte[] file, String what) {
    long start = System.nanoTime();
    String outcome = DECODED;
    try {
      RgbImage image = decoder.decode(file);
      if ((long) image.width() * image.height() > ImageDecoder.MAX_PIXELS) {
        failures.add(what + ": a picture of " + image.width() + " x " + image.height());
      }
    } catch (RejectedImageException e) {
      outcome = e.reason().code();
    } catch (Throwable e) {
      outcome = "failed";
      failures.add(what + ": " + e);
      e.printStackTrace(System.out);
    }
    long nanos = System.nanoTime() - start;
    if (nanos > slowestNanos) {
      slowestNanos = nanos;
      slowest = what;
    }
    outcomes.merge(outcome, 1, Integer::sum);
  }

  private String summary() {
    return "%s; slowest %.1f ms (%s)".formatted(outcomes, slowestNanos / 1e6, slowest);
  }

  /**
   * Decodes damaged images of every kind, or all files as they are and damaged in turn.
   *
   * @param arguments {@code damaged} or {@code mixed}; {@code leptonica} or {@code image_io}; the
   *     number of images, of each kind or in all; the seed
   */
  public static void main(String[] arguments) throws IOException {
    Library library = Library.valueOf(arguments[1].toUpperCase(Locale.ROOT));
    int count = Integer.parseInt(arguments[2]);
    long seed = Long.parseLong(arguments[3]);
    boolean failed =
        arguments[0].equals("mixed") ? mixed(library, count, seed) : damaged(library, count, seed);
    System.exit(failed ? 1 : 0);
  }

  private static boolean damaged(Library library, int count, long seed) throws IOException {
    boolean failed = false;
    for (String kind : KINDS.keySet()) {
      DecoderFuzz fuzz = new DecoderFuzz(library);
      List<String> residents = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        fuzz.decodeDamaged(kind, seed, i);
        if ((i + 1) % Math.max(1, count / 10) == 0) {
          residents.add(resident());
        }
      }
      System.out.printf("%s, %s: %s%n", library, kind, fuzz.summary());
      System.out.printf("  resident MB: %s%n", String.join(" ", residents));
      fuzz.failures.forEach(failure -> System.out.println("  FAILED " + failure));
      failed |= !fuzz.failures.isEmpty();
    }
    return failed;
  }

  private static boolean mixed(Library library, int count, long seed) throws IOException {
    DecoderFuzz fuzz = new DecoderFuzz(library);
    List<String> kinds = List.copyOf(KINDS.keySet());
    for (int i = 0; i < count; i++) {
      String name = TestFiles.NAMES.get(i / 2 % TestFiles.NAMES.size());
      if (i % 2 == 0) {
        fuzz.decode(golden(name), name);
      } else {
        fuzz.decodeDamaged(kinds.get(i / 2 % kinds.size()), seed, i);
      }
      if ((i + 1) % Math.max(1, count / 10) == 0) {
        System.out.printf("%s, after %,d decodes: %s MB resident%n", library, i + 1, resident());
      }
    }
    System.out.println(fuzz.summary());
    fuzz.failures.forEach(failure -> System.out.println("  FAILED " + failure));
    return !fuzz.failures.isEmpty();
  }

  /** Returns the memory of this process that is in use, in MB, where the system tells. */
  private static String resident() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return "?";
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmRSS:")) {
        return Long.toString(Long.parseLong(line.replaceAll("\\D", "")) / 1024);
      }
    }
    return "?";
  }
}
