package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.coders.SerialCoder;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.coders.DefaultCoder;

/** Images that are read, and worked on, together: a unit of work that is cheap to move. */
@DefaultCoder(SerialCoder.class)
public record ImageChunk(ArrayList<ImageRef> images) implements Serializable {
  /** Copies the list. */
  public static ImageChunk of(List<ImageRef> images) {
    return new ImageChunk(new ArrayList<>(images));
  }
}
