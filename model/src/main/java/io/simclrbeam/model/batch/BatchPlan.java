package io.simclrbeam.model.batch;

import io.simclrbeam.model.random.Purpose;
import io.simclrbeam.model.random.RandomStreams;
import java.util.stream.LongStream;

/**
 * The data plan of a training run: which images are in which batch, in which order. Nothing is
 * stored; every answer follows from the three numbers.
 *
 * <p>Each epoch goes through a permutation of its own and leaves out the last {@code images mod
 * batchSize} of it, so every batch is whole.
 *
 * @param images number N of images in the data set, whose indices are 0..N-1
 * @param batchSize images per step
 * @param streams of the permutations
 */
public record BatchPlan(long images, int batchSize, RandomStreams streams) {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if there is not even one batch
   */
  public BatchPlan {
    if (batchSize < 1 || images < batchSize) {
      throw new IllegalArgumentException(
          "a batch of %d images cannot be drawn from %d".formatted(batchSize, images));
    }
  }

  /** Returns the number of steps that make an epoch. */
  public long stepsPerEpoch() {
    return images / batchSize;
  }

  /** Returns the epoch, from 0, of a step, from 0. */
  public long epoch(long step) {
    return step / stepsPerEpoch();
  }

  /** Returns the indices of the images {@code from..to-1} of the batch of a step. */
  public long[] images(long step, int from, int to) {
    Permutation order = order(epoch(step));
    long first = step % stepsPerEpoch() * batchSize;
    long[] indices = new long[to - from];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = order.at(first + from + i);
    }
    return indices;
  }

  /** Returns the first epoch in which an image is used. */
  public long firstEpoch(long image) {
    long epoch = 0;
    while (order(epoch).positionOf(image) >= stepsPerEpoch() * batchSize) {
      epoch++;
    }
    return epoch;
  }

  /**
   * Returns the image that takes the place of an unusable one.
   *
   * @param attempt 0 for the first choice, 1 for the next if that is unusable too, and so on
   */
  public long substitute(long image, long epoch, int attempt) {
    return new Permutation(images, streams.stream(Purpose.SUBSTITUTES, image, epoch))
        .at(attempt % images);
  }

  /**
   * Returns the indices of a sample of the images, ascending: of all, if there are not more.
   *
   * @param most images in the sample
   */
  public long[] sample(int most) {
    Permutation order = new Permutation(images, streams.stream(Purpose.PROBED_IMAGES));
    return LongStream.range(0, Math.min(most, images)).map(order::at).sorted().toArray();
  }

  private Permutation order(long epoch) {
    return new Permutation(images, streams.stream(Purpose.EPOCH_ORDER, epoch));
  }
}
