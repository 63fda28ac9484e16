package io.simclrbeam.model.augment;

import io.simclrbeam.benchmarks.ImageState;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.model.random.SeededRandom;
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

/**
 * Each operation of a view alone: time per view. In this package, as the operations are not public.
 *
 * <p>Those in place work on what they left the last time. That costs them nothing and saves them
 * nothing, as they have no branches.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@NullUnmarked
public class OperationBenchmark {
  private AugmentSettings settings;
  private Resampler bilinear;
  private Resampler bicubic;
  private ColorOperations colors;
  private HueShift hueShift;
  private GaussianBlur blur;
  private Planes planes;
  private SeededRandom random;

  /** Makes what an augmenter makes once, and a view to work on. */
  @Setup
  public void create(ImageState images) {
    int size = images.size;
    settings = AugmentSettings.simclr(size);
    bilinear = new Resampler(size, size, Interpolation.BILINEAR);
    bicubic = new Resampler(size, size, Interpolation.BICUBIC);
    colors = new ColorOperations();
    hueShift = new HueShift();
    blur = new GaussianBlur(size, size, settings.blur().kernelSize());
    planes = new Planes(size, size);
    random = SeededRandom.of(0);
    resize(bilinear, images);
  }

  /** A random crop, antialiased. */
  @Benchmark
  public Object resizeBilinear(ImageState images) {
    return resize(bilinear, images);
  }

  /** The same with the wider filter. */
  @Benchmark
  public Object resizeBicubic(ImageState images) {
    return resize(bicubic, images);
  }

  /** By a random factor. */
  @Benchmark
  public Object brightness(ImageState images) {
    colors.brightness(planes, factor());
    return planes;
  }

  /** By a random factor. */
  @Benchmark
  public Object contrast(ImageState images) {
    colors.contrast(planes, factor());
    return planes;
  }

  /** By a random factor. */
  @Benchmark
  public Object saturation(ImageState images) {
    colors.saturation(planes, factor());
    return planes;
  }

  /** By random turns. */
  @Benchmark
  public Object hue(ImageState images) {
    double most = settings.jitter().hue();
    hueShift.apply(planes, random.uniform(-most, most));
    return planes;
  }

  /** Of a random sigma. */
  @Benchmark
  public Object blur(ImageState images) {
    blur.apply(planes, random.uniform(settings.blur().minSigma(), settings.blur().maxSigma()));
    return planes;
  }

  /** To three equal colors. */
  @Benchmark
  public Object grayscale(ImageState images) {
    colors.grayscale(planes);
    return planes;
  }

  /** From planes to bytes of RGB, the end of every view. */
  @Benchmark
  public byte[] write(ImageState images, Bytes bytes) {
    planes.write(bytes.out, 0);
    return bytes.out;
  }

  private double factor() {
    double most = settings.jitter().contrast();
    return random.uniform(1 - most, 1 + most);
  }

  private Planes resize(Resampler resampler, ImageState images) {
    int index = images.next();
    RgbImage picture = images.picture(index);
    CropBox crop = CropBox.draw(settings.crop(), picture.width(), picture.height(), random);
    resampler.resize(picture, crop, false, planes);
    return planes;
  }

  /** A view's bytes. */
  @State(Scope.Thread)
  public static class Bytes {
    private byte[] out;

    /** Allocates them. */
    @Setup
    public void create(ImageState images) {
      out = new byte[3 * images.size * images.size];
    }
  }
}
