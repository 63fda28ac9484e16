package io.simclrbeam.transforms.dedup;

import io.simclrbeam.transforms.dataset.Embedding;

/** As much of an image as the choice of what to keep needs; equal vectors may be one object. */
record GroupImage(
    String id, String uri, String contentSha256, int width, int height, VectorKey vector) {

  static GroupImage of(Embedding image, VectorKey vector) {
    return new GroupImage(
        image.id(), image.uri(), image.contentSha256(), image.width(), image.height(), vector);
  }
}
