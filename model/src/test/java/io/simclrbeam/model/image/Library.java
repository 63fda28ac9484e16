package io.simclrbeam.model.image;

/** The two ways to decode. */
enum Library {
  LEPTONICA,
  IMAGE_IO;

  ImageDecoder decoder() {
    return decoder(ExifOrientation.IGNORE);
  }

  ImageDecoder decoder(ExifOrientation exifOrientation) {
    return new ImageDecoder(
        exifOrientation,
        ImageDecoder.MAX_STORED_PIXELS,
        this == LEPTONICA ? new LeptonicaReader() : new ImageIoReader());
  }
}
