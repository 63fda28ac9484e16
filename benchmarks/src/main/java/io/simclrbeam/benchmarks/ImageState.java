package io.simclrbeam.benchmarks;

import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.image.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Images that a benchmark takes in turn. JMH fills the fields. */
@State(Scope.Thread)
@NullUnmarked
public class ImageState {
  private static final String GENERATED = "generated";

  /** Side of the views in pixels. */
  @Param({"32", "224"})
  public int size;

  /** A tar of images, or generated ones: 32 x 32 pixels for views of 64 or less, else 500 x 375. */
  @Param(GENERATED)
  public String images;

  private MeasuredImages encoded;
  private List<RgbImage> pictures;
  private int last;

  /** Reads or draws the images, and decodes them. */
  @Setup
  public void load() throws IOException, RejectedImageException {
    if (!images.equals(GENERATED)) {
      encoded = MeasuredImages.ofTar(Path.of(images));
    } else if (size <= 64) {
      encoded = MeasuredImages.generated(32, 32, 100);
    } else {
      encoded = MeasuredImages.generated(500, 375, 10);
    }
    pictures = encoded.decodeAll();
  }

  /** Returns the number of the next image. */
  public int next() {
    last = last + 1 < pictures.size() ? last + 1 : 0;
    return last;
  }

  /** Decodes the image with a number. */
  public RgbImage decode(int index) throws RejectedImageException {
    return encoded.decode(index);
  }

  /** Returns the image with a number, decoded before. */
  public RgbImage picture(int index) {
    return pictures.get(index);
  }
}
