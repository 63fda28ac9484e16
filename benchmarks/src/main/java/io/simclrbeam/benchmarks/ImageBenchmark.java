package io.simclrbeam.benchmarks;

import io.simclrbeam.model.augment.AugmentSettings;
import io.simclrbeam.model.augment.InferenceTransform;
import io.simclrbeam.model.augment.Interpolation;
import io.simclrbeam.model.augment.ViewAugmenter;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.random.RandomStreams;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What happens to an image from its bytes to pixels for the network: time per image. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@NullUnmarked
public class ImageBenchmark {
  private static final RandomStreams STREAMS = RandomStreams.of(0);

  private ViewAugmenter augmenter;
  private InferenceTransform inference;
  private byte[] out;
  private long epoch;

  /** Makes what a worker makes once. */
  @Setup
  public void create(ImageState images) {
    augmenter = new ViewAugmenter(AugmentSettings.simclr(images.size));
    inference = new InferenceTransform(images.size, Interpolation.BILINEAR);
    out = new byte[3 * images.size * images.size];
  }

  /** From the bytes of a file to pixels. */
  @Benchmark
  public RgbImage decode(ImageState images) throws RejectedImageException {
    return images.decode(images.next());
  }

  /** One random view with SimCLR's settings for the size. */
  @Benchmark
  public byte[] view(ImageState images) {
    int index = images.next();
    augmenter.augment(images.picture(index), STREAMS, index, epoch++, 0, out, 0);
    return out;
  }

  /** What training needs of an image. */
  @Benchmark
  public byte[] decodeAndTwoViews(ImageState images) throws RejectedImageException {
    int index = images.next();
    RgbImage picture = images.decode(index);
    augmenter.augment(picture, STREAMS, index, epoch, 0, out, 0);
    augmenter.augment(picture, STREAMS, index, epoch++, 1, out, 0);
    return out;
  }

  /** The fixed view that is embedded. */
  @Benchmark
  public byte[] inferenceTransform(ImageState images) {
    inference.apply(images.picture(images.next()), out, 0);
    return out;
  }
}
