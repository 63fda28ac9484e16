package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.coders.SerialCoder;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.coders.DefaultCoder;

/** Images that are read and processed together: a unit of work that is cheap to move. */
@DefaultCoder(SerialCoder.class)
public record ImageChunk(ArrayList<ImageRef> images) implements Serializable {
  /**
   * Checks the maximum number of images in a chunk.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public static void checkSize(int images) {
    if (images < 1) {
      throw new IllegalArgumentException(
          "a chunk has up to %d images, but must have at least 1".formatted(images));
    }
  }

  /** Copies the list. */
  public static ImageChunk of(List<ImageRef> images) {
    return new ImageChunk(new ArrayList<>(images));
  }
}
