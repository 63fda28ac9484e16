package io.simclrbeam.model.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** An image format, known by the first bytes of a file. */
public enum ImageFormat {
  JPEG("JPEG", ""),
  PNG("PNG", ""),
  WEBP("WebP", ""),
  TIFF("TIFF", ""),
  GIF("GIF", ""),
  BMP("BMP", ""),
  /** Recognized, but not decoded; what phones write, among others. */
  HEIC("HEIC", "convert it to JPEG or PNG, or let the phone write JPEG"),
  /** Recognized, but not decoded. */
  AVIF("AVIF", "convert it to JPEG or PNG"),
  /** Recognized, but not decoded. */
  JPEG_2000("JPEG 2000", "convert it to JPEG, PNG or TIFF"),
  /** Recognized, but not decoded. */
  JPEG_XL("JPEG XL", "convert it to JPEG or PNG"),
  /** Recognized, but not decoded. */
  PHOTOSHOP("Photoshop's PSD", "save a copy as JPEG, PNG or TIFF"),
  /** What the sensor of a camera saw; recognized, but not decoded. */
  CAMERA_RAW("camera raw", "develop it to JPEG or TIFF, or take the JPEG beside it");

  private final String label;
  private final String remedy;

  ImageFormat(String label, String remedy) {
    this.label = label;
    this.remedy = remedy;
  }

  /** Returns the name for a person. */
  String label() {
    return label;
  }

  /**
   * Returns the reason to reject a file of a format that is not decoded.
   *
   * @param detail what else is known of it, in brackets; may be empty
   */
  RejectedImageException unread(String detail) {
    return new RejectedImageException(
        RejectReason.UNSUPPORTED_FORMAT, "%s%s is not read: %s".formatted(label, detail, remedy));
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
    if (isRaw(encoded)) {
      return Optional.of(CAMERA_RAW);
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
    if (has(encoded, 0, "BM") && (has(encoded, 6, "\0\0\0\0") || hasBmpHeader(encoded))) {
      return Optional.of(BMP);
    }
    if (has(encoded, 0, "8BPS")) {
      return Optional.of(PHOTOSHOP);
    }
    if (has(encoded, 4, "ftyp")) {
      return boxed(encoded);
    }
    if (has(encoded, 0, "\0\0\0\u000CjP  ") || has(encoded, 0, "\u00FFO\u00FFQ")) {
      return Optional.of(JPEG_2000);
    }
    if (has(encoded, 0, "\0\0\0\u000CJXL ") || has(encoded, 0, "\u00FF\n")) {
      return Optional.of(JPEG_XL);
    }
    return Optional.empty();
  }

  /** Those of Canon, Fujifilm, Minolta, Olympus, Panasonic and Sigma that do not look like TIFF. */
  private static boolean isRaw(byte[] encoded) {
    return (has(encoded, 0, "II*\0") && has(encoded, 8, "CR\2"))
        || has(encoded, 0, "FUJIFILMCCD-RAW")
        || has(encoded, 0, "\0MRM")
        || has(encoded, 0, "IIRO")
        || has(encoded, 0, "IIRS")
        || has(encoded, 0, "MMOR")
        || has(encoded, 0, "IIU\0")
        || has(encoded, 0, "FOVb");
  }

  /** Some programs write something in the reserved bytes. */
  private static boolean hasBmpHeader(byte[] encoded) {
    return has(encoded, 15, "\0\0\0")
        && (has(encoded, 14, "\u000C")
            || has(encoded, 14, "(")
            || has(encoded, 14, "l")
            || has(encoded, 14, "|"));
  }

  /** A file of boxes (ISO/IEC 14496-12) says in its first which kinds of file it is. */
  private static Optional<ImageFormat> boxed(byte[] encoded) {
    int end = Math.min(encoded.length, encoded.length < 4 ? 0 : (encoded[3] & 0xFF));
    boolean heic = false;
    for (int at = 8; at <= end - 4; at += 4) {
      if (has(encoded, at, "avif") || has(encoded, at, "avis")) {
        return Optional.of(AVIF);
      }
      if (has(encoded, at, "crx ")) {
        return Optional.of(CAMERA_RAW);
      }
      if (has(encoded, at, "jp2 ") || has(encoded, at, "jpx ")) {
        return Optional.of(JPEG_2000);
      }
      heic |=
          has(encoded, at, "hei")
              || has(encoded, at, "hev")
              || has(encoded, at, "mif1")
              || has(encoded, at, "msf1");
    }
    return heic ? Optional.of(HEIC) : Optional.empty();
  }

  private static boolean has(byte[] encoded, int at, String magic) {
    byte[] expected = magic.getBytes(StandardCharsets.ISO_8859_1);
    int end = at + expected.length;
    return encoded.length >= end && Arrays.equals(encoded, at, end, expected, 0, expected.length);
  }
}
