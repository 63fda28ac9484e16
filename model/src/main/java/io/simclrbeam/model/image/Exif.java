package io.simclrbeam.model.image;

import org.jspecify.annotations.Nullable;

/**
 * Finds the orientation in the EXIF block of a file, which is a TIFF directory (Exif 2.32, section
 * 4.5). The block is an APP1 segment of a JPEG, a chunk eXIf of a PNG, or a chunk EXIF of a WebP.
 */
final class Exif {
  private static final int APP1 = 0xE1;
  private static final String INTRODUCTION = "Exif\0\0";

  private Exif() {}

  /**
   * Returns the number of an {@link Orientation}. It is {@link Orientation#UPRIGHT} without an EXIF
   * block, and with one that cannot be read or has no valid number: that is no reason to lose the
   * picture.
   */
  static int orientation(HeaderBytes bytes) {
    try {
      HeaderBytes block =
          switch (bytes.format()) {
            case JPEG -> inSegments(bytes);
            case PNG -> inChunks(bytes, "eXIf");
            case WEBP -> inChunks(bytes, "EXIF");
            default -> null;
          };
      int orientation =
          block == null ? Orientation.UPRIGHT : new TiffDirectory(block).orientation();
      return orientation >= 1 && orientation <= 8 ? orientation : Orientation.UPRIGHT;
    } catch (RejectedImageException e) {
      return Orientation.UPRIGHT;
    }
  }

  private static @Nullable HeaderBytes inSegments(HeaderBytes bytes) throws RejectedImageException {
    JpegSegments segments = new JpegSegments(bytes);
    while (segments.next()) {
      if (segments.marker() == APP1 && bytes.has(segments.start(), INTRODUCTION)) {
        return block(bytes, segments.start(), segments.length());
      }
    }
    return null;
  }

  private static @Nullable HeaderBytes inChunks(HeaderBytes bytes, String name)
      throws RejectedImageException {
    Chunks chunks = Chunks.of(bytes);
    while (chunks.next()) {
      if (chunks.is(name)) {
        return block(bytes, chunks.start(), chunks.length());
      }
    }
    return null;
  }

  /** Some programs write the introduction of a JPEG's block in WebP files, too. */
  private static HeaderBytes block(HeaderBytes bytes, int start, int length)
      throws RejectedImageException {
    int skipped =
        length >= INTRODUCTION.length() && bytes.has(start, INTRODUCTION)
            ? INTRODUCTION.length()
            : 0;
    return bytes.part(ImageFormat.TIFF, start + skipped, length - skipped);
  }
}
