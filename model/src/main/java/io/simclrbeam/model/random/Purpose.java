package io.simclrbeam.model.random;

/** What random numbers are for, and the key of a stream of them. */
public enum Purpose {
  /** New weights. Key: the CRC-32 of the tensor's name. */
  WEIGHTS(1),
  /** The order of images in an epoch. Key: epoch. */
  EPOCH_ORDER(2),
  /** The images that take the place of an unusable one. Key: image, epoch. */
  SUBSTITUTES(3),
  /** How a view is made. Key: image, epoch, view. */
  VIEWS(4),
  /** Which images {@code views} shows. Key: a hash of the image's id. */
  DRAWN_IMAGES(5),
  /** Which images the cells of {@code dedup} are learned from. Key: a hash of the image's id. */
  CELLS(6),
  /** The queries that the recall of an index is measured with. Key: the size of the index. */
  RECALL(7),
  /** A sample image. Key: its number. */
  SAMPLE_IMAGE(8),
  /** A random texture of sample images. Key: column, row. */
  SAMPLE_TEXTURE(9),
  /** The points that levels of sample images are taken from. No key. */
  SAMPLE_LEVELS(10),
  /** Which images training is probed with. No key. */
  PROBED_IMAGES(11),
  /** The test images that an accuracy is measured on again. Key: number of the resample. */
  BOOTSTRAP(12),
  /**
   * A map of embeddings. Key: 0 for where points start, 1 for what they are pushed from, 2 for the
   * axes that the search for principal ones begins with.
   */
  MAP(13),
  /** The points that a map's quality is measured at. No key. */
  MAP_ANCHORS(14);

  private final long number;

  /** Sets the number that stands for it in keys. It stays, or the streams are others. */
  Purpose(long number) {
    this.number = number;
  }

  long number() {
    return number;
  }
}
