package io.simclrbeam.model.image;

/** A library that reads the pixels of JPEG, PNG, WebP and some TIFF files. Not thread-safe. */
interface PixelReader {
  /**
   * Reads the pixels of a file whose header and end have been checked.
   *
   * @param header of the file
   * @param bytes the file, for checks
   * @param encoded the same
   * @param buffer where the pixels of the result will be
   * @throws RejectedImageException TRUNCATED, UNSUPPORTED_FORMAT or TOO_LARGE
   */
  RgbImage read(ImageHeader header, HeaderBytes bytes, byte[] encoded, PixelBuffer buffer)
      throws RejectedImageException;
}
