package io.simclrbeam.model.image;

/** The two ways to decode. */
enum Library {
  LEPTONICA,
  IMAGE_IO;

  ImageDecoder decoder() {
    return new ImageDecoder(this == LEPTONICA ? new LeptonicaReader() : new ImageIoReader());
  }
}
