package io.simclrbeam.model.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** An image format, known by the first bytes of a file. */
public enum ImageFormat {
  JPEG(true),
  PNG(true),
  WEBP(true),
  TIFF(true),
  GIF(true),
  BMP(true),
  /** HEIC and AVIF; recognized, but not decoded. */
  HEIF(false),
  /** Recognized, but not decoded. */
  JPEG_2000(false),
  /** Recognized, but not decoded. */
  JPEG_XL(false);

  private final boolean decoded;

  ImageFormat(boolean decoded) {
    this.decoded = decoded;
  }

  /** Returns whether {@link ImageDecoder} reads this format. */
  public boolean decoded() {
    return decoded;
  }

  /** Returns the format that the first bytes announce, or nothing if they announce none. */
  public static Optional<ImageFormat> of(byte[] encoded) {
    if (has(encoded, 0, "\u00FF\u00D8\u00FF")) {
      return Optional.of(JPEG);
    }
    if (has(encoded, 0, "\u0089PNG\r\n\u001A\n")) {
      return Optional.of(PNG);
    }
    if (has(encoded, 0, "RIFF") && has(encoded, 8, "WEBP")) {
      return Optional.of(WEBP);
    }
    if (has(encoded, 0, "II*\0")
        || has(encoded, 0, "MM\0*")
        || has(encoded, 0, "II+\0")
        || has(encoded, 0, "MM\0+")) {
      return Optional.of(TIFF);
    }
    if (has(encoded, 0, "GIF87a") || has(encoded, 0, "GIF89a")) {
      return Optional.of(GIF);
    }
    if (has(encoded, 0, "BM") && has(encoded, 6, "\0\0\0\0")) {
      return Optional.of(BMP);
    }
    if (has(encoded, 4, "ftyp")
        && (has(encoded, 8, "hei") || has(encoded, 8, "mif1") || has(encoded, 8, "avi"))) {
      return Optional.of(HEIF);
    }
    if (has(encoded, 0, "\0\0\0\u000CjP  ") || has(encoded, 0, "\u00FFO\u00FFQ")) {
      return Optional.of(JPEG_2000);
    }
    if (has(encoded, 0, "\0\0\0\u000CJXL ") || has(encoded, 0, "\u00FF\n")) {
      return Optional.of(JPEG_XL);
    }
    return Optional.empty();
  }

  private static boolean has(byte[] encoded, int at, String magic) {
    byte[] expected = magic.getBytes(StandardCharsets.ISO_8859_1);
    int end = at + expected.length;
    return encoded.length >= end && Arrays.equals(encoded, at, end, expected, 0, expected.length);
  }
}
