package io.simclrbeam.transforms.embedding;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.augment.InferenceTransform;
import io.simclrbeam.model.embed.FrozenEncoder;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.image.RgbImage;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Decodes, resizes and encodes images, a batch at a time. An image's embedding does not depend on
 * the others in the batch. On a CPU it does not depend on their number either: libtorch chooses
 * other kernels for very small batches, so batches are filled up to a multiple of {@value #TILE}
 * images.
 *
 * <p>Not thread-safe; its encoder may be shared.
 */
final class BatchEncoder {
  private static final int TILE = 8;

  private final FrozenEncoder encoder;
  private final ImageDecoder decoder;
  private final InferenceTransform resize;
  private final byte[] pixels;
  private final int capacity;
  private final ByteBuffer batch;
  private int images;

  /**
   * Creates one without images.
   *
   * @param mostImages in a batch; fewer if the memory of the device is too small
   */
  BatchEncoder(FrozenEncoder encoder, int mostImages) {
    this(encoder, mostImages, ImageDecoder.MAX_STORED_PIXELS);
  }

  /**
   * Creates one without images, and with a limit.
   *
   * @param mostImages in a batch; fewer if the memory of the device is too small
   * @param maxPixels a picture of more pixels is rejected
   */
  BatchEncoder(FrozenEncoder encoder, int mostImages, long maxPixels) {
    this.encoder = encoder;
    capacity = Math.min(mostImages, encoder.mostImages());
    int size = encoder.card().imageSize();
    decoder = new ImageDecoder(encoder.card().settings().exifOrientation(), maxPixels);
    resize = new InferenceTransform(size, encoder.card().settings().views().interpolation());
    pixels = new byte[AugmentSettings.viewBytes(size)];
    batch = ByteBuffer.allocateDirect(filledUp(capacity) * pixels.length);
  }

  /**
   * Adds an image.
   *
   * @param encoded the whole file
   * @return the picture, valid until the next one is added
   * @throws RejectedImageException if it cannot be decoded; then it is not added
   */
  RgbImage add(byte[] encoded) throws RejectedImageException {
    RgbImage picture = decoder.decode(encoded);
    resize.apply(picture, pixels, 0);
    batch.put(images * pixels.length, pixels);
    images++;
    return picture;
  }

  /** Returns whether the batch is full. */
  boolean isFull() {
    return images == capacity;
  }

  /** Returns the embeddings of the images, in the order they were added, and starts anew. */
  float[][] encode() {
    if (images == 0) {
      return new float[0][];
    }
    // Pixels of earlier batches fill it up; their embeddings are dropped.
    float[] all =
        encoder.encode(
            batch.position(0).limit(filledUp(images) * pixels.length), Encoders.coresForEach());
    int dimension = encoder.card().dimension();
    float[][] embeddings = new float[images][];
    for (int i = 0; i < images; i++) {
      embeddings[i] = Arrays.copyOfRange(all, i * dimension, (i + 1) * dimension);
    }
    images = 0;
    batch.clear();
    return embeddings;
  }

  private static int filledUp(int images) {
    return (images + TILE - 1) / TILE * TILE;
  }
}
