package io.simclrbeam.model.train;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The images that training is probed with. */
@FunctionalInterface
public interface ProbeSample {
  /**
   * Hands over the images in a fixed order, without those that cannot be read.
   *
   * @return whether these were all; false if it was cut off
   */
  boolean read(Receiver receiver) throws IOException;

  /** Takes images. */
  @FunctionalInterface
  interface Receiver {
    /**
     * Takes an image.
     *
     * @param id no other image has
     * @param label null if it has none
     * @param pixels as they are embedded, uint8 {@code [size, size, 3]}, valid until this returns
     */
    void add(String id, @Nullable String label, byte[] pixels);
  }
}
